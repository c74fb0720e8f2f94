"""Folders of pictures: what is found, and what the folders and CSV files say about it."""

import numpy as np
import pytest
from pictures import save

from tfgan_repro.data import load_pictures
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    root.mkdir()
    return root


def both(folder, image_size=8, **choices):
    """Levels and labels of both splits together, by level."""
    found = {}
    for split in ("train", "test"):
        pictures = load_pictures(f"folder:{folder}", split, None, image_size, Preparation(test_percent=50, **choices))
        labels = [None] * len(pictures) if pictures.labels is None else pictures.labels.tolist()
        found.update(zip(pictures.images[:, 0, 0, 0].tolist(), labels, strict=True))
    return found, pictures.class_names


def test_folders_are_classes_and_an_outer_one_says_nothing(folder):
    for level in range(20):
        save(folder / "images" / ("dogs" if level % 2 else "cats") / f"{level}.png", level)
    found, names = both(folder)
    assert names == ("cats", "dogs")
    assert found == {level: level % 2 for level in range(20)}


def test_a_picture_outside_of_the_folders_means_no_classes(folder):
    for level in range(20):
        save(folder / ("a" if level % 2 else "b") / f"{level}.png", level)
    save(folder / "top.png", 20)
    found, names = both(folder)
    assert names == () and found == dict.fromkeys(range(21))


def test_train_and_test_folders_are_splits(folder):
    for level in range(20):
        split = ("train", "test", "val")[min(level // 10, 1) + level // 15]
        save(folder / split / ("a" if level % 2 else "b") / f"{level}.png", level)
    train, test = (load_pictures(f"folder:{folder}", split, None, 8) for split in ("train", "test"))
    assert sorted(train.images[:, 0, 0, 0]) == list(range(10))
    assert sorted(test.images[:, 0, 0, 0]) == list(range(10, 20))
    assert train.class_names == ("a", "b")
    np.testing.assert_array_equal(train.labels, 1 - train.images[:, 0, 0, 0] % 2)


@pytest.mark.parametrize(("no", "yes"), [("0", "1"), ("-1", "1")])
def test_a_column_of_yes_and_no_names_the_classes(folder, no, yes):
    for level in range(20):
        save(folder / "images" / f"{level}.png", level)
    rows = [f"images/{level}.png,{yes if level % 3 == 0 else no},x" for level in range(20)]
    (folder / "attributes.csv").write_text("\n".join(["file,Smiling,Other", *rows]))
    found, names = both(folder, label_column="Smiling")
    assert names == ("not Smiling", "Smiling")
    assert found == {level: int(level % 3 == 0) for level in range(20)}
    assert both(folder)[1] == ()


def test_labels_csv_is_read_unasked_and_pictures_without_a_label_are_left_out(folder, capsys):
    for level in range(20):
        save(folder / f"{level}.png", level)
    rows = [f"{level}.png,{'' if level < 4 else ('b', 'a')[level % 2]}" for level in range(18)]
    (folder / "labels.csv").write_text("\ufefffile,label\n" + "\n".join(rows) + "\n\n")
    found, names = both(folder)
    assert names == ("a", "b")
    assert found == {level: 1 - level % 2 for level in range(4, 18)}
    said = capsys.readouterr().err
    assert "left out 4, each of which has an empty label" in said
    assert "left out 2, each of which has no label (18.png, 19.png)" in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,Male\n0.png,1\n1.png,0\n", "unknown --label-column 'Mle'; did you mean Male?"),
        ("file,Mle\n0.png,1\n1.png,1\n", "the column Mle holds only '1'; labels need two values"),
        ("file,Mle\nx.png,1\ny.png,0\n", "the column Mle holds no value for any picture"),
        ("file,Mle\n0.png,1\n1.png,0\n", "a/0.png and b/0.png both match the row 0.png"),
        (None, "--label-column Mle: there is no labels.csv or attributes.csv beside the pictures"),
    ],
)
def test_a_column_that_cannot_be_used_is_one_line(folder, text, message):
    for level in range(2):
        save(folder / "a" / f"{level}.png", level)
    if "both" in message:
        save(folder / "b" / "0.png", 2)
    if text:
        (folder / "labels.csv").write_text(text)
    with pytest.raises(UserError) as error:
        load_pictures(f"folder:{folder}", "train", None, 8, Preparation(label_column="Mle"))
    assert message in str(error.value)


def test_the_split_depends_on_the_content_alone(folder):
    for level in range(60):
        save(folder / f"{level:02d}.png", level)
    test = load_pictures(f"folder:{folder}", "test", None, 8).images[:, 0, 0, 0]
    assert 1 <= len(test) <= 15
    for path in sorted(folder.iterdir()):
        path.rename(folder / f"x{path.name[::-1][4:]}.png")
    for level in range(60, 80):
        save(folder / f"{level}.png", level)
    again = load_pictures(f"folder:{folder}", "test", None, 16).images[:, 0, 0, 0]
    assert set(test.tolist()) == {level for level in again.tolist() if level < 60}
    # A larger part contains the smaller one.
    more = load_pictures(f"folder:{folder}", "test", None, 8, Preparation(test_percent=30)).images[:, 0, 0, 0]
    assert set(again.tolist()) < set(more.tolist())


def test_different_sizes_need_a_size(folder):
    save(folder / "a.png", 1, (12, 10))
    save(folder / "b.png", 2, (16, 16))
    with pytest.raises(UserError, match=r"a\.png has 10x10 pixels, b\.png 16x16; say --image-size N"):
        load_pictures(f"folder:{folder}")


@pytest.mark.parametrize(
    ("count", "message"), [(0, "holds no images"), (1, "has 1 usable picture, which is too few to train on")]
)
def test_too_few_pictures_are_one_line(folder, count, message):
    for level in range(count):
        save(folder / f"{level}.png", level)
    with pytest.raises(UserError, match=message):
        load_pictures(f"folder:{folder}", "train", None, 8)


def test_no_folder_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no such folder: .*/none"):
        load_pictures(f"folder:{tmp_path / 'none'}")
