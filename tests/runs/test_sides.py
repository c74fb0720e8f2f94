"""What a side of a comparison may be called."""

import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.runs.sides import check_side


def test_folders_arrays_data_sets_and_statistics_by_name_are_sides(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "tfgan_repro" / "statistics").mkdir(parents=True)
    for name in ("images.npz", "images.zip", "tfgan_repro/statistics/mine.npz"):
        (tmp_path / name).touch()
    for side in (tmp_path, tmp_path / "images.npz", tmp_path / "images.zip", "cifar10", f"folder:{tmp_path}", "mine"):
        check_side(side)


@pytest.mark.parametrize(
    ("side", "message"),
    [
        ("gone", "gone is neither a folder, an .npz or .zip file, a data set, nor statistics in the cache"),
        ("gone.npz", "no such file: gone.npz"),
        ("gone.zip", "no such file: gone.zip"),
        ("folder:gone", "no such folder: gone"),
        ("text.txt", "text.txt is neither a folder nor an .npz or .zip file"),
        # Its contact sheet would be the only image.
        ("prepared", "prepared holds prepared pictures, and no files of them: name it prepared:prepared"),
    ],
)
def test_anything_else_is_refused(side, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prepared").mkdir()
    for name in ("text.txt", "prepared/report.json", "prepared/index.npz", "prepared/contact_sheet.png"):
        (tmp_path / name).touch()
    with pytest.raises(UserError, match=f"^{message}"):
        check_side(side)
