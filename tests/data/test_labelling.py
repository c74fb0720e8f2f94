"""What folders and tables beside the pictures are understood as: splits, classes, and what is left out."""

import os
import unicodedata

import numpy as np
import pytest
from pictures import save

from tfgan_repro.data import load_pictures
from tfgan_repro.data.labelling import sort_key
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError

COUNT = 6


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    root.mkdir()
    return root


def fill(root, *folders, count=COUNT):
    """Pictures of different levels in folders."""
    for number, name in enumerate(folders):
        for index in range(count):
            save(root / name / f"{index}.png", 20 * number + index + 1, (8, 8))


def load(root, split="train", **choices):
    return load_pictures(f"folder:{root}", split, None, None, Preparation(**choices))


def counted(root, **choices):
    """Pictures by class of both splits together, and the description."""
    pictures = load(root, test_percent=0, **choices)
    classes = pictures.classes
    if "split by folders" in pictures.description.split:
        for name, count in load(root, "test", test_percent=0, **choices).classes.items():
            classes[name] += count
    return classes, pictures.description


@pytest.mark.parametrize("hidden", [".ipynb_checkpoints", "@eaDir", ".Trash-1000", ".thumbnails", "$RECYCLE.BIN"])
def test_hidden_and_system_folders_are_no_classes(folder, hidden):
    fill(folder, "cats", "dogs", hidden)
    classes, description = counted(folder)
    assert classes == {"cats": COUNT, "dogs": COUNT}
    assert description.left_out == {"is hidden or a system's own": 1}


@pytest.mark.parametrize(
    "folders",
    [
        ("Train/cats", "Train/dogs", "Test/cats", "Test/dogs"),
        ("TRAINING/cats", "TRAINING/dogs", "valid/cats", "valid/dogs"),
        ("data/train/cats", "data/train/dogs", "data/VAL/cats", "data/VAL/dogs"),
        ("train/images/cats", "train/images/dogs", "test/images/cats", "test/images/dogs"),
    ],
)
def test_splits_are_found_in_any_capitals_and_depth(folder, folders):
    fill(folder, *folders)
    train, test = load(folder), load(folder, "test")
    assert train.classes == test.classes == {"cats": COUNT, "dogs": COUNT}
    assert train.description.counts == {"train": 2 * COUNT, "test": 2 * COUNT}
    assert train.description.split == "split by folders"


@pytest.mark.parametrize(
    ("beside", "reason"),
    [
        (["test"], "has no label"),
        (["test/test1"], "is of a class without training pictures"),
        (["test/eels"], "is of a class without training pictures"),
    ],
)
def test_a_test_folder_without_usable_labels_leaves_the_classes_and_is_replaced(folder, beside, reason):
    fill(folder, "train/cats", "train/dogs", *beside)
    classes, description = counted(folder)
    assert classes == {"cats": COUNT, "dogs": COUNT}
    assert description.left_out == {reason: COUNT} and "held out" in description.split


def test_a_class_only_in_the_test_split_is_left_out(folder):
    fill(folder, "train/cats", "train/dogs", "test/cats", "test/dogs", "test/eels")
    test = load(folder, "test")
    assert test.classes == {"cats": COUNT, "dogs": COUNT}
    assert test.description.left_out == {"is of a class without training pictures": COUNT}


def test_what_lies_beside_train_and_test_is_left_out(folder):
    fill(folder, "train/cats", "train/dogs", "test/cats", "test/dogs", "unlabelled")
    save(folder / "preview.png", 200)
    classes, description = counted(folder)
    assert classes == {"cats": 2 * COUNT, "dogs": 2 * COUNT}
    assert description.left_out == {"lies beside the folders of the splits": COUNT + 1}


@pytest.mark.parametrize("place", ["", "train/", "data/"])
def test_broken_files_beside_the_classes_do_not_cost_the_labels(folder, place):
    fill(folder, *(f"{place}{name}" for name in ("cats", "dogs")), *(["test/cats", "test/dogs"] * (place == "train/")))
    (folder / place / "broken.jpg").write_bytes(b"none")
    (folder / "empty.png").touch()
    classes, description = counted(folder)
    assert set(classes) == {"cats", "dogs"}
    assert description.left_out == {"cannot be decoded": 1, "is empty": 1}
    with pytest.raises(UserError, match="is empty; fix it or use|cannot be decoded .*; fix it or use"):
        load(folder, on_bad_image="fail")


def test_a_good_picture_beside_the_classes_is_said(folder):
    fill(folder, "cats", "dogs")
    save(folder / "cover.png", 200, (8, 8))
    classes, description = counted(folder)
    assert classes == {} and description.labels == "cover.png lies beside the folders cats, dogs"
    assert "no classes: cover.png lies beside" in str(description)


def test_training_pictures_without_folders_have_no_classes_whatever_the_test_split_has(folder):
    fill(folder, "train", "test/cats", "test/dogs")
    pictures = load(folder)
    assert pictures.labels is None and pictures.description.counts == {"train": COUNT, "test": 2 * COUNT}
    assert pictures.description.labels == "the training pictures lie in no folders of classes"


def test_a_class_of_broken_files_is_none(folder):
    fill(folder, "cats", "dogs")
    (folder / "birds").mkdir()
    (folder / "birds" / "0.png").write_bytes(b"none")
    pictures = load(folder, test_percent=0)
    assert pictures.class_names == ("cats", "dogs")
    levels = pictures.images[:, 0, 0, 0]
    np.testing.assert_array_equal(pictures.labels, levels > COUNT)


def test_one_class_that_is_left_is_none(folder):
    fill(folder, "cats")
    (folder / "birds").mkdir()
    (folder / "birds" / "0.png").write_bytes(b"none")
    pictures = load(folder, test_percent=0)
    assert pictures.labels is None and pictures.class_names == () and len(pictures) == COUNT
    assert pictures.description.labels == "cats alone has training pictures"


def test_a_class_whose_pictures_are_all_held_out_is_left_out_on_disk_as_in_memory(folder, monkeypatch):
    from tfgan_repro.data import loading

    fill(folder, "a", "b")
    for level in range(100, 140):
        save(folder / "c" / "one.png", level, (8, 8))
        if (pictures := load(folder, test_percent=30)).class_names == ("a", "b"):
            break
    test = load(folder, "test", test_percent=30)
    assert test.description.left_out == {"is of a class without training pictures": 1}
    monkeypatch.setattr(loading, "MEMORY_LIMIT", 10)
    loading._latest.clear()
    for split, memory in (("train", pictures), ("test", test)):
        disk = load(folder, split, test_percent=30)
        assert disk.class_names == ("a", "b")
        np.testing.assert_array_equal(disk.read(np.arange(len(disk))), memory.images)
        assert disk.fingerprint() == memory.fingerprint() and str(disk.description) == str(memory.description)
        # The hash that was written is that of what is read.
        disk.known_content = None
        assert disk.fingerprint() == memory.fingerprint()


def test_names_of_an_older_windows_become_text(folder):
    fill(folder, "b")
    save(folder / b"caf\xe9".decode("utf-8", "surrogateescape") / "0.png", 99, (8, 8))
    assert load(folder, test_percent=0).class_names == ("b", "caf\u00e9")


def write_table(folder, text, name="labels.csv"):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def rows_of(count, separator=",", values=("cat", "dog")):
    return "".join(f"{index}.png{separator}{values[index % len(values)]}\n" for index in range(count))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.csv", "file;label\n" + rows_of(COUNT, ";")),
        ("labels.csv", "file\tlabel\n" + rows_of(COUNT, "\t")),
        ("labels.tsv", "file\tlabel\n" + rows_of(COUNT, "\t")),
        ("Labels.CSV", "\ufeffFile;Label\n" + rows_of(COUNT, ";")),
        ("labels.csv", "file,class\n" + rows_of(COUNT)),
        ("labels.csv", "image_id,species\n" + rows_of(COUNT)),
        ("labels.csv", "number,label,file\n" + "".join(f"9,{('cat', 'dog')[i % 2]},{i}.png\n" for i in range(6))),
        ("labels.csv", ("file,label\n" + rows_of(COUNT)).encode("utf-16")),
        ("labels.csv", "id,label\n" + rows_of(COUNT).replace(".png", "")),
        ("labels.csv", "file,label\n" + rows_of(COUNT).replace("cat", '"cat"').replace("\n", "\r\n")),
    ],
)
def test_tables_are_read_as_other_programs_write_them(folder, name, text):
    fill(folder, ".", count=COUNT)
    write_table(folder, text, name)
    classes, description = counted(folder)
    assert classes == {"cat": COUNT // 2, "dog": COUNT // 2}
    assert description.labels.startswith("column ") and description.labels.endswith(f"of {name}")


def test_whole_numbers_with_a_decimal_point_are_the_same_labels(folder):
    fill(folder, ".")
    write_table(folder, "file,label\n" + rows_of(COUNT, values=("0", "1", "1.0")))
    assert counted(folder)[0] == {"0": 2, "1": 4}


def test_several_attributes_name_the_one_that_is_set(folder):
    fill(folder, ".")
    write_table(folder, "file,Cat,Dog\n" + rows_of(COUNT, values=("1,0", "0,1", "1,1")))
    classes, description = counted(folder, label_column="cat, dog")
    assert classes == {"Cat": 2, "Dog": 2} and description.left_out == {"has an empty label": 2}


def test_tables_that_are_not_used_are_said(folder):
    fill(folder, "cats", "dogs")
    write_table(folder, "file,age,weight\ncats/0.png,1,2\n")
    write_table(folder, "file,Smiling\ncats/0.png,1\n", "attributes.csv")
    classes, description = counted(folder)
    assert set(classes) == {"cats", "dogs"}
    assert description.labels == (
        "folders (labels.csv is not used: choose with --label-column from age, weight; "
        "attributes.csv is not used without --label-column)"
    )


def test_a_table_that_does_not_lie_at_the_top_is_said(folder):
    fill(folder, "train", "test")
    write_table(folder / "train", "file,label\n" + rows_of(COUNT))
    description = load(folder).description
    assert description.labels == "train/labels.csv is not used: a table lies at the top"


def test_what_is_no_number_is_a_word_among_labels():
    """NaN has no place in an order: the classes would be numbered anew in each process."""
    assert sorted(["nan", "10", "b", "inf", "2"], key=sort_key) == ["2", "10", "b", "inf", "nan"]


def test_a_column_is_found_in_other_capitals_and_an_unknown_one_names_those_that_there_are(folder):
    fill(folder, ".")
    write_table(folder, "file;Species;Age\n" + rows_of(COUNT, ";", ("cat;1", "dog;2")))
    assert set(counted(folder, label_column="species")[0]) == {"cat", "dog"}
    with pytest.raises(UserError, match="unknown --label-column 'colour'; known: Age, Species"):
        load(folder, label_column="colour")


def test_a_file_with_two_labels_is_refused(folder):
    fill(folder, ".")
    write_table(folder, "file,label\n" + rows_of(COUNT) + "0.png,dog\n")
    with pytest.raises(UserError, match="labels.csv gives 0.png two labels: 'cat' and 'dog'"):
        load(folder)


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


def test_accents_and_capitals_that_another_system_changed_part_nothing(folder):
    composed, apart = (unicodedata.normalize(form, "caf\u00e9") for form in ("NFC", "NFD"))
    fill(folder, f"train/{composed}", "train/dogs", f"test/{apart}", "test/dogs")
    assert set(load(folder).classes) == set(load(folder, "test").classes) and len(load(folder, "test")) == 2 * COUNT
    rows = [f"{split}/{composed if own == apart else own}/{index}.PNG,{own == 'dogs'}"
            for split, own in (("train", composed), ("train", "dogs"), ("test", apart), ("test", "dogs"))
            for index in range(COUNT)]  # fmt: skip
    (folder / "labels.csv").write_text("\n".join(["file,label", *rows]))
    assert load(folder, "test").classes == {"False": COUNT, "True": COUNT}


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_table_from_another_system_knows_pictures_and_columns_with_accents(folder, encoding):
    for level, name in enumerate(("\u00e9t\u00e9", "th\u00e9", "b")):
        save(folder / f"{name}.png", level)
    text = "file,Gr\u00f6\u00dfe\n\u00e9t\u00e9.png,\u00fc\nTH\u00c9.png,u\nb.png,u\n"
    write_table(folder, unicodedata.normalize("NFC" if encoding == "cp1252" else "NFD", text).encode(encoding))
    classes, _ = counted(folder, label_column="gr\u00f6\u00dfe")
    assert {unicodedata.normalize("NFC", name): count for name, count in classes.items()} == {"\u00fc": 1, "u": 2}


def test_a_row_in_a_picture_s_own_capitals_is_no_other_picture_s(folder):
    for level, name in enumerate(("a.png", "A.png", "b.png")):
        save(folder / name, level)
    (folder / "labels.csv").write_text("file,label\na.png,1\nb.png,0\n")
    classes, description = counted(folder)
    assert classes == {"0": 1, "1": 1} and description.left_out == {"has no label": 1}


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"image_size": 0}, "--image-size 0: must be at least 1"),
        ({"image_size": 2.5}, "--image-size '?2.5'?: expected int"),
        ({"min_size": -1}, "--min-size -1: must be at least 1"),
        ({"test_percent": 100}, "--test-percent 100: must be below 100"),
        ({"crop": "round"}, "unknown crop 'round'; known: center, face, head, none"),
        ({"duplicates": "exactly"}, "did you mean exact?"),
    ],
)
def test_what_is_done_to_pictures_is_checked_as_on_the_command_line(choices, message):
    with pytest.raises(UserError, match=message):
        Preparation(**choices)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,Male\n0.png,1\n1.png,0\n", "unknown --label-column 'Mle'; did you mean Male?"),
        ("file,Mle\n0.png,1\n1.png,1\n", "the column Mle holds only '1'; labels need two values"),
        ("file,Mle\nx.png,1\ny.png,0\n", "no value for any picture, such as a/0.png: its rows are called x.png, ..."),
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


def test_a_test_split_of_broken_pictures_alone_is_none(folder):
    fill(folder, "train/cats", "train/dogs")
    (folder / "test").mkdir()
    (folder / "test" / "0.png").write_bytes(b"")
    pictures = load(folder)
    assert pictures.class_names == ("cats", "dogs")
    assert pictures.description.left_out == {"is empty": 1} and "held out by content" in pictures.description.split


def test_a_training_split_of_broken_pictures_alone_is_told(folder):
    fill(folder, "test/cats", "test/dogs")
    (folder / "train").mkdir()
    (folder / "train" / "0.png").write_bytes(b"")
    with pytest.raises(UserError, match=r"has no picture in its train split \(split by folders\)$"):
        load(folder)


def test_a_folder_in_windows_older_encoding_is_the_same_class(folder):
    names = ["caf\u00e9", os.fsdecode("caf\u00e9".encode("cp1252")), "tea"]
    try:
        for number, name in enumerate(names):
            for index in range(COUNT):
                save(folder / name / f"{index}.png", 20 * number + index + 1, (8, 8))
    except OSError:
        pytest.skip("this disk takes no names that are no UTF-8")
    assert counted(folder)[0] == {"caf\u00e9": 2 * COUNT, "tea": COUNT}
