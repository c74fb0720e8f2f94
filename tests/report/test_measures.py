"""What is measured of a run for a claim, and the verdicts on what a training's own curve shows."""

import json

import pytest
from made_runs import make_run

from tfgan_repro.experiments.experiment import Absent, BestStep, Distance, Experiment, Level, Order, Settles
from tfgan_repro.report.comparability import group_runs
from tfgan_repro.report.runs import find_runs
from tfgan_repro.report.verdicts import judge

SAID = {"name": "adam-vs-sgd", "variant": "adam"}
COMMAND = "python evaluate.py --checkpoint RUN --metrics is"


def verdict_on(folder, claim):
    experiment = Experiment("adam-vs-sgd", "E", "made up", "shapes", (claim,))
    return judge({"adam-vs-sgd": experiment}, group_runs(find_runs(folder)))["adam-vs-sgd"][0]


def make_seeds(folder, curves, **more):
    """Runs of one training, their scores by step for each seed."""
    for seed, curve in enumerate(curves):
        make_run(folder, f"adam-{seed}", curve, SAID, {"seed": seed, **more.pop("config", {})}, **more)


@pytest.mark.parametrize(
    ("best", "word"),
    [((5, 5, 5), "undecided"), ((5, 6, 5), "reproduced"), ((10, 9, 10), "not reproduced"), ((5, 10, 2), "undecided")],
)
def test_the_place_of_the_best_score(best, word, tmp_path):
    steps = (1, 2, 5, 6, 9, 10)
    make_seeds(tmp_path, [{step: 1.0 if step == place else 2.0 for step in steps} for place in best])
    assert verdict_on(tmp_path, BestStep("best near 5", 5, until=10, tolerance=1.5)).word == word
    verdict = verdict_on(tmp_path, BestStep("best near 5", 5, until=100, tolerance=1.5))
    assert verdict.word == "not comparable" and "ends at step 10; the report looked until 100" in verdict.why


def make_seed_with_losses(folder, seed, losses):
    """A finished run of a seed whose log has these losses of the discriminator, five a step."""
    path = make_run(folder, f"adam-{seed}", {10: 1.0}, SAID, {"seed": seed})
    rows = [{"step": line // 5 + 1, "d_loss": loss} for line, loss in enumerate(losses)]
    (path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize(("late", "word"), [(0.1, "reproduced"), (9.0, "not reproduced")])
def test_a_loss_that_settles_scatters_less_at_its_end(late, word, tmp_path):
    for seed in range(3):
        sizes = [1.0 + seed / 10] * 25 + [late] * 25
        make_seed_with_losses(tmp_path, seed, [3.0 + size * (-1) ** step for step, size in enumerate(sizes)])
    assert verdict_on(tmp_path, Settles("settles", "d_loss")).word == word
    verdict = verdict_on(tmp_path, Settles("settles", "g_loss"))
    assert verdict.word == "not comparable" and "0 lines of the log" in verdict.why


@pytest.mark.parametrize(("late", "word"), [(2.0, "reproduced"), (4.0, "not reproduced"), (-1.0, "not comparable")])
def test_a_loss_that_comes_down_is_lower_in_the_mean_at_its_end(late, word, tmp_path):
    for seed in range(3):
        make_seed_with_losses(tmp_path, seed, [3.0 + seed / 10] * 25 + [late] * 25)
    assert verdict_on(tmp_path, Settles("comes down", "d_loss", "mean")).word == word


@pytest.mark.parametrize(
    ("seeds", "signs", "word"),
    [(6, (), "reproduced"), (3, (), "undecided"), (6, ("mode-collapse",), "not reproduced"), (1, (), "undecided")],
)
def test_what_a_training_does_not_end_in_is_counted(seeds, signs, word, tmp_path):
    make_seeds(tmp_path, [{10: 1.0}] * seeds, health=signs)
    verdict = verdict_on(tmp_path, Absent("does not collapse", "mode-collapse", until=10))
    assert verdict.word == word, verdict
    assert verdict_on(tmp_path, Absent("does not collapse", "mode-collapse", until=11)).word == "not comparable"


def test_a_run_whose_log_is_lost_says_nothing_of_what_only_a_log_tells(tmp_path):
    make_seeds(tmp_path, [{10: 1.0}], log=())
    verdict = verdict_on(tmp_path, Absent("no collapse", "mode-collapse", until=10))
    assert (verdict.word, verdict.why.partition(";")[0]) == ("not comparable", "a run of ours has no log")


@pytest.mark.parametrize(("values", "word"), [((0.2, 0.22, 0.21), "reproduced"), ((0.9, 0.8, 0.85), "not reproduced")])
def test_a_distance_stands_in_for_an_eye(values, word, tmp_path):
    # Real images are 0.1 from one another.
    make_seeds(tmp_path, [{5: 2.0, 10: value} for value in values])
    verdict = verdict_on(tmp_path, Distance("realistic", 5.0, close=True))
    assert verdict.word == word and "measured instead of seen" in verdict.why
    early = verdict_on(tmp_path, Distance("unlike anything", 5.0, close=False, images=5 * 128))
    assert early.word == "undecided" and "20.000 (3 seeds), which have no variance" in early.why


def test_a_level_is_a_share_of_what_real_images_have(tmp_path):
    level = Level("clear", "IS-embedded", 0.9, COMMAND)
    make_seeds(tmp_path, [{10: 1.0}] * 3)
    verdict = verdict_on(tmp_path, level)
    assert verdict.word == "not comparable" and f"no IS-embedded at its end: {COMMAND}" in verdict.why
    for seed, value in enumerate((9.5, 9.6, 9.7)):
        row = {"step": 10, "metric": "IS-embedded", "value": value, "real_vs_real": 10.0}
        with open(tmp_path / f"adam-{seed}" / "evaluations.jsonl", "a") as file:
            file.write(json.dumps(row) + "\n")
    assert verdict_on(tmp_path, level).word == "reproduced"


def make_pair(folder, adam, sgd, **more):
    for variant, values in (("adam", adam), ("sgd", sgd)):
        for seed, (value, score) in enumerate(values):
            said = {"name": "adam-vs-sgd", "variant": variant}
            make_run(folder, f"{variant}-{seed}", {10: value}, said, {"seed": seed}, score, **more)


def test_data_sets_are_compared_in_units_of_their_own_real_images(tmp_path):
    claim = Order("adam-vs-sgd:adam", "adam-vs-sgd:sgd", "easier", measure="above-floor", data_sets=True)
    hard = {"real_vs_real": 0.01, "dataset": "paintings"}
    make_pair(tmp_path, [(1.0, {}), (1.1, {})], [(0.5, hard), (0.6, hard)])
    verdict = verdict_on(tmp_path, claim)
    assert verdict.word == "reproduced" and "10.488 (2 seeds)" in verdict.why and "54.772 (2 seeds)" in verdict.why


def test_times_are_compared_on_one_kind_of_device(tmp_path):
    claim = Order("adam-vs-sgd:adam", "adam-vs-sgd:sgd", "faster", measure="seconds")
    make_pair(tmp_path, [(1.0, {})] * 2, [(1.0, {})] * 2)
    assert "not made on one kind of device" in verdict_on(tmp_path, claim).why
    for number, path in enumerate(sorted(tmp_path.glob("*-*"))):
        stored = json.loads((path / "config.json").read_text())
        (path / "config.json").write_text(json.dumps({**stored, "device": {"name": "A", "count": 1, "kind": "cpu"}}))
        seconds = (1.0 if path.name.startswith("adam") else 5.0) + number / 100
        (path / "log.jsonl").write_text(json.dumps({"step": 10, "seconds": seconds}) + "\n")
    verdict = verdict_on(tmp_path, claim)
    assert verdict.word == "reproduced" and "milliseconds for a training image" in verdict.why


def test_a_score_says_nothing_before_the_report_saw_it(tmp_path):
    make_seeds(tmp_path, [{10: 1.0}] * 3)
    verdict = verdict_on(tmp_path, Level("clear digits", "IS-digits", 0.9, "python evaluate.py", since=100))
    assert verdict.word == "not comparable" and "ends at step 10; the report saw it from 100 on" in verdict.why
    verdict = verdict_on(tmp_path, Level("clear digits", "IS-digits", 0.9, "python evaluate.py", since=10))
    assert verdict.word == "not comparable" and "no IS-digits at its end: python evaluate.py" in verdict.why
