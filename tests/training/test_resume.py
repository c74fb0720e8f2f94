"""An interrupted run goes on bit by bit as if it had never stopped."""

import itertools
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import tiny_config
from killing import SCORED, SIZE, arrays, differences, killed_run

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.files import read_json_lines
from tfgan_repro.training.resume import later_grids, resumed_config
from tfgan_repro.training.session import resume, train
from tfgan_repro.runs.directory import RunDirectory


def assert_same_run(run, other):
    """Weights, optimisers, random state, log, scores, grids and GIF are equal to the last bit."""
    assert differences(run, other) == []


@pytest.mark.long
def test_twenty_kills_at_random_moments_change_nothing(tmp_path):
    choices = {**SIZE, **SCORED, "steps": 300, "dataset": "shapes"}
    with ThreadPoolExecutor(2) as pool:
        killed = [pool.submit(killed_run, tmp_path / str(seed), choices, 10, seed) for seed in range(2)]
        runs = [future.result() for future in killed]
    whole = train(TrainConfig.from_choices(**choices, run_dir=str(tmp_path / "whole"))).run
    for run in runs:
        assert_same_run(run, whole)


def test_the_pictures_of_steps_to_come_are_forgotten(tmp_path):
    run = RunDirectory(tmp_path)
    run.samples.mkdir()
    for name in ("step_00000003", "step_00000005", "best_00000005", "batch_00000005", "step_00000006", "others_9"):
        (run.samples / f"{name}.png").touch()
    kept = {path.stem for path in run.samples.iterdir()} - {path.stem for path in later_grids(run, TrainConfig(), 4)}
    assert kept == {"step_00000003", "others_9"}
    # At step 6 there is a grid only because the training ended there.
    assert [path.stem for path in later_grids(run, TrainConfig(sample_steps="5"), 9)] == ["step_00000006"]


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """A run of 12 steps, to be copied."""
    folder = tmp_path_factory.mktemp("interrupted")
    return train(TrainConfig(**SIZE, steps=12, run_dir=str(folder / "run"))).run


@pytest.fixture
def copied(interrupted, tmp_path):
    shutil.copytree(interrupted.path, tmp_path / "run")
    return RunDirectory(tmp_path / "run")


def test_more_steps_are_what_they_would_have_been_at_once(copied, tmp_path):
    """Also where the first ending lay within an interval of the log and of the grids."""
    resume(copied.path, {"steps": 25})
    whole = train(TrainConfig(**SIZE, steps=25, run_dir=str(tmp_path / "whole"))).run
    assert_same_run(copied, whole)
    assert copied.read_config()[0].steps == 25


# Everything that has a state of its own: spectral vectors, class-wise normalisation, dropout, augmentation, noise,
# schedules by steps and by images, the average, minibatches with labels and noise.
STATEFUL = {
    "model": "sagan",
    "width": 0.0625,
    "dropout": 0.2,
    "augmentation": "color,translation,ada",
    "augmentation_target": 0.1,
    "augmentation_ramp": 500,
    "instance_noise": 0.1,
    "instance_noise_steps": 30,
    "learning_rate_decay_steps": 40,
    "ema_half_life": 100.0,
    "schedule_to": "beta-2:0.9,ema-half-life:50",
    "schedule_images": 300,
    "ema_start": 3,
    "discriminator_steps": 2,
    "flip": True,
    "dequantize": True,
    "label_flipping": 0.05,
}


def test_every_technique_goes_on_exactly(tmp_path):
    """From the checkpoint before the last, as if the run had been killed between the two."""
    config = TrainConfig.from_choices(
        **{**SIZE, **STATEFUL, "checkpoint_every": 12}, steps=17, run_dir=str(tmp_path / "whole")
    )
    whole = train(config).run
    run = RunDirectory(shutil.copytree(whole.path, tmp_path / "run"))
    shutil.rmtree(run.checkpoints / "step_00000017")
    resume(run.path, {})
    assert_same_run(run, whole)
    names = arrays(run)
    assert any(name.startswith("trained_generator") for name in names) and any("/random/" in name for name in names)


def test_a_finished_run_gets_its_pictures_anew_and_what_else_a_kill_at_its_end_has_cost(copied, monkeypatch):
    looked = []
    monkeypatch.setattr("tfgan_repro.training.session.look_for_leaks", lambda run, step, *others: looked.append(step))
    (copied.path / "training.gif").unlink()
    outcome = resume(copied.path, {})
    assert (outcome.step, outcome.total) == (12, 12)
    assert (copied.path / "training.gif").exists() and looked == [12]


def test_a_run_that_was_to_make_more_steps_may_be_finished_where_it_is(copied):
    path = copied.path / "config.json"
    path.write_text(path.read_text().replace('"steps": 12', '"steps": 40'))
    assert copied.read_config()[0].steps == 40
    resume(copied.path, {"steps": 12})
    assert copied.read_config()[0].steps == 12


def test_fewer_steps_than_were_made_are_refused(copied):
    with pytest.raises(UserError, match="--steps 8: .* has made 12 already"):
        resume(copied.path, {"steps": 8})


def test_other_choices_are_refused_with_both_values():
    with pytest.raises(UserError, match="--width 0.5 differs from the run's 0.125"):
        resumed_config(tiny_config(), {"width": 0.5, "steps": 100})
    with pytest.raises(UserError, match="--label-column hair differs from the run, which has none"):
        resumed_config(tiny_config(), {"label_column": "hair"})
    with pytest.raises(UserError, match="unknown choice 'stepz'; did you mean steps"):
        resumed_config(tiny_config(), {"stepz": 100})
    assert resumed_config(tiny_config(), {"width": 0.125, "steps": 100}).steps == 100


def test_a_choice_that_is_said_again_is_the_runs_own_however_it_is_written():
    config = tiny_config(discriminator_normalization="none", penalty="r1:10", augmentation="color,translation")
    assert resumed_config(config, {"penalty": "r1:10.0", "augmentation": "color, translation"}) == config
    with pytest.raises(UserError, match="unknown penalty 'r3'"):
        resumed_config(config, {"penalty": "r3"})


def test_where_files_lie_now_may_be_said():
    config = resumed_config(tiny_config(), {"data_dir": "/sets", "inception_weights": "/weights.npz"})
    assert (config.data_dir, config.inception_weights) == ("/sets", "/weights.npz")
    with pytest.raises(UserError, match="and --data-dir, --inception-weights, --on-failure, --strategy and --wandb ch"):
        resumed_config(tiny_config(), {"width": 0.5})


@pytest.mark.parametrize("name", ["generator.weights.h5", "discriminator.weights.h5", "state.npz", "manifest.json"])
@pytest.mark.parametrize("damage", ["truncated", "zeroed", "removed"])
def test_a_damaged_checkpoint_is_reported_and_the_one_before_is_used(damage, name, copied, capsys):
    from tfgan_repro.training.resume import find_restart

    path = copied.checkpoints / "step_00000012" / name
    content = path.read_bytes()
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "zeroed":
        path.write_bytes(bytes(len(content)))
    else:
        path.unlink()
    restart = find_restart(copied)
    assert restart.step == 10 and restart.checkpoint == copied.checkpoints / "step_00000010"
    assert restart.manifest["log"]["count"] == 3 and restart.damaged == [path.parent]
    warning = capsys.readouterr().err
    assert "step_00000012" in warning and name in warning and warning.count("\n") == 1


def test_what_a_killed_process_was_writing_is_removed(copied):
    from tfgan_repro.runs.checkpoints import remove_unfinished

    (copied.samples / ".step_00000027-2anh072u.png").write_bytes(b"")
    (copied.path / ".training-abc.gif").write_bytes(b"GIF")
    (copied.checkpoints / ".step-xyz").mkdir()
    (copied.checkpoints / ".step-xyz" / "state.npz").write_bytes(b"half")
    remove_unfinished(copied)
    assert [path.name for path in copied.path.rglob(".*")] == [".lock"]


def contents(run):
    """All files of a run by name, and its folders."""
    return {path.relative_to(run.path): path.is_file() and path.read_bytes() for path in run.path.rglob("*")}


def test_a_run_without_a_whole_checkpoint_is_refused_and_stays_as_it_is(copied):
    for path in copied.list_checkpoints().values():
        (path / "manifest.json").unlink()
    before = contents(copied)
    with pytest.raises(UserError, match="none of its checkpoints can be read; nothing was changed"):
        resume(copied.path, {"steps": 20})
    assert contents(copied) == before
    shutil.rmtree(copied.checkpoints)
    with pytest.raises(UserError, match="its checkpoints are gone"):
        resume(copied.path, {"steps": 20})


def test_a_run_that_was_killed_before_its_first_checkpoint_starts_again(copied, tmp_path):
    for path in copied.list_checkpoints().values():
        shutil.rmtree(path)
    copied.generator_weights.unlink()
    copied.log.unlink()
    resume(copied.path, {})
    whole = train(TrainConfig(**SIZE, steps=12, run_dir=str(tmp_path / "whole"))).run
    assert_same_run(copied, whole)


def test_two_processes_cannot_share_a_run(copied):
    from tfgan_repro.runs.directory import locked

    with locked(copied), pytest.raises(UserError, match="is in use by another process"):
        resume(copied.path, {"steps": 20})


def test_a_clock_set_back_does_not_matter(tmp_path, monkeypatch):
    """The log's times are durations of a monotonic clock."""
    clock = itertools.count(2e9, -3600)
    monkeypatch.setattr(time, "time", lambda: next(clock))
    rows = read_json_lines(train(tiny_config(run_dir=str(tmp_path / "run"))).run.log)
    assert 0 < rows[0]["seconds"] <= rows[1]["seconds"]
