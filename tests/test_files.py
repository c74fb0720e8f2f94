import os
import stat

import pytest

from tfgan_repro.files import append_json_line, atomic_path, filled_folder, read_json_lines


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_text("half of the n")
        raise RuntimeError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_a_written_file_has_ordinary_permissions(tmp_path):
    with atomic_path(tmp_path / "file.txt") as temporary:
        temporary.write_text("new")
    (tmp_path / "other.txt").write_text("new")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_json_lines_come_back_in_order(tmp_path):
    path = tmp_path / "log.jsonl"
    assert read_json_lines(path) == []
    for value in ({"step": 1}, {"step": 2, "text": "a\nb"}):
        append_json_line(path, value)
    assert read_json_lines(path) == [{"step": 1}, {"step": 2, "text": "a\nb"}]


@pytest.mark.parametrize("before", [[], [{"step": 1}]])
def test_a_half_written_last_line_goes_when_the_next_is_appended(tmp_path, before):
    path = tmp_path / "log.jsonl"
    for value in before:
        append_json_line(path, value)
    with open(path, "a") as file:
        file.write('{"step": 2, "te')
    append_json_line(path, {"step": 2})
    assert read_json_lines(path) == [*before, {"step": 2}]


@pytest.mark.parametrize("existing", [True, False])
def test_a_folder_is_filled_at_the_end_or_not_at_all(tmp_path, existing):
    folder = tmp_path / "folder"
    if existing:
        folder.mkdir()
    with pytest.raises(RuntimeError), filled_folder(folder) as hidden:
        (hidden / "half").write_text("half of the n")
        raise RuntimeError
    assert folder.exists() == existing and [*tmp_path.rglob("*")] == [folder] * existing
    with filled_folder(folder) as hidden:
        (hidden / "inner").mkdir()
        (hidden / "inner" / "file").write_text("new")
        assert not (folder / "inner").exists()
    assert [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*"))] == ["inner", "inner/file"]
