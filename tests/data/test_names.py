import pytest

from tfgan_repro.data import SOURCES, glance, is_at_hand, open_pictures
from tfgan_repro.data.names import short_name
from tfgan_repro.errors import UserError


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("cifar10", "cifar10"),
        ("folder:/data/anime_faces", "folder-anime_faces"),
        ("folder:../my faces/", "folder-my_faces"),
        ("folder:/", "folder-root"),
        ("npz:a/b:c.npz", "npz-b_c.npz"),
        ("tfds:celeb_a/x:1.0.0", "tfds-x_1.0.0"),
        ("zip:" + "x" * 300, "zip-" + "x" * 60),
    ],
)
def test_names_of_run_directories_stay_sane(name, short):
    assert short_name(SOURCES.check(name)) == short


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("foldr:x", "unknown kind of data set 'foldr'; did you mean folder:x?"),
        ("qqqqqq:x", "unknown kind of data set 'qqqqqq'; known: folder:PATH"),
        ("folder:", "--dataset folder:: say folder:PATH"),
        ("folder", "--dataset folder: say folder:PATH"),
        ("celeba", "unknown data set 'celeba'; did you mean celeb_a?"),
        ("tests", "unknown data set 'tests'; did you mean folder:tests?"),
        ([1], "a list is no name of a data set: give a text, 'cifar10' or 'folder:PATH'"),
    ],
)
def test_a_name_that_is_none_is_answered_with_the_nearest(name, message, tmp_path, monkeypatch):
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as error:
        SOURCES.check(name)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "told"),
    [("folder:/home/me/my faces/", "folder:my faces"), ("npz:a/b.npz", "npz:b.npz"), ("folder:/", "folder:PATH")],
)
def test_where_pictures_lie_is_not_told(name, told):
    assert SOURCES.last_part(name) == told


def test_a_home_directory_is_found_behind_the_colon(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert SOURCES.absolute("folder:~/faces") == "folder:/home/me/faces"


def test_a_folder_is_at_hand_as_long_as_it_is_there(tmp_path):
    assert is_at_hand("shapes") and is_at_hand(f"folder:{tmp_path}") and not is_at_hand(f"folder:{tmp_path / 'none'}")


def test_a_path_is_no_name():
    assert SOURCES.is_name("folder:x") and SOURCES.is_name("shapes")
    assert not SOURCES.is_name("x.npz") and not SOURCES.is_name("/tmp/x:y")


@pytest.mark.parametrize("name", ["shapes", "letters"])
def test_what_is_said_before_a_set_is_opened_is_true_of_it(name):
    count, height, width, _ = open_pictures(name).parts["train"].shape
    assert glance(name) == f"{count:,} images {height}x{width}"


def test_what_is_known_of_a_set_before_it_is_opened():
    assert glance("cifar10", 64) == "50,000 images 64x64"
    assert glance("folder:faces", 64) == "64x64" and glance("folder:faces") == ""
