import pytest
from conftest import tiny_config

from tfgan_repro.errors import UserError
from tfgan_repro.runs.directory import RunDirectory, check_free, free_path

SHAPE = (32, 32, 3)


def test_numbers_count_up(tmp_path):
    config = tiny_config(results_dir=str(tmp_path / "results"))
    names = [RunDirectory.create(config, SHAPE, {}).path.name for _ in range(2)]
    assert names == ["dcgan-shapes-000", "dcgan-shapes-001"]


def test_a_run_on_the_working_directory_is_announced_under_the_name_that_it_gets(tmp_path, monkeypatch):
    (tmp_path / "faces").mkdir()
    monkeypatch.chdir(tmp_path / "faces")
    config = tiny_config(dataset="folder:.", results_dir=str(tmp_path / "results"))
    assert free_path(config).name == "dcgan-folder-faces-000"


def test_an_existing_directory_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(UserError, match="exists already; choose another --run-dir, or remove it"):
        RunDirectory.create(tiny_config(run_dir=str(tmp_path)), SHAPE, {})
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_how_to_go_on_can_be_copied_also_where_a_name_has_spaces(tmp_path):
    path = tmp_path / "my runs" / "first run"
    run = RunDirectory.create(tiny_config(run_dir=str(path)), SHAPE, {})
    with pytest.raises(UserError, match=f"continue that run with --resume '{run.path}', choose"):
        check_free(tiny_config(run_dir=str(path)))


@pytest.mark.parametrize("option", ["run_dir", "results_dir"])
def test_a_directory_that_cannot_be_made_is_one_line(option, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot make the run directory"):
        RunDirectory.create(tiny_config(**{option: str(tmp_path / "file" / "below")}), SHAPE, {})


@pytest.mark.parametrize("option", ["run_dir", "results_dir"])
def test_a_run_among_its_own_pictures_is_refused(option, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for dataset in ("folder:photos", f"folder:{tmp_path / 'photos'}/"):
        with pytest.raises(UserError, match="photos.*: must be outside .*photos.*, whose pictures it would join"):
            check_free(tiny_config(dataset=dataset, **{option: "photos/run"}))
    check_free(tiny_config(dataset="folder:photos", run_dir="photos-run"))


def test_configuration_round_trip(tmp_path):
    config = tiny_config(run_dir=str(tmp_path / "run"), flip=True)
    RunDirectory.create(config, SHAPE, {})
    assert RunDirectory.open(tmp_path / "run").read_config() == (config, SHAPE, {})


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"config": {}, "image_shape": 3}'])
def test_a_damaged_configuration_is_one_line(text, tmp_path):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(UserError, match="config.json cannot be read"):
        RunDirectory.open(tmp_path).read_config()


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="no such run directory"):
        RunDirectory.open(tmp_path / "missing")
    with pytest.raises(UserError, match="is not a run directory: it has no config.json"):
        RunDirectory.open(tmp_path)
