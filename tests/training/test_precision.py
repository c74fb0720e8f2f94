"""What rounding does to a whole training."""

import statistics

import pytest
from conftest import tiny_config

from tfgan_repro.files import read_json_lines
from tfgan_repro.training.session import train

pytestmark = pytest.mark.long
SEEDS = range(3)
STEPS = 150


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    """The distances from real shapes that trainings end at, a list over the seeds for each precision."""

    def score(precision, seed):
        config = tiny_config(
            precision=precision,
            seed=seed,
            width=0.25,
            batch_size=32,
            steps=STEPS,
            log_every=STEPS,
            checkpoint_every=STEPS,
            fid_every=STEPS,
            fid_samples=500,
            extractor="embedded",
            run_dir=str(tmp_path_factory.mktemp("precision") / "run"),
        )
        (row,) = read_json_lines(train(config).run.evaluations)
        return row["value"]

    return {precision: [score(precision, seed) for seed in SEEDS] for precision in ("float32", "bfloat16")}


def test_bfloat16_reaches_the_score_of_float32_within_the_spread_of_seeds(scores):
    exact, rounded = scores["float32"], scores["bfloat16"]
    spread = statistics.stdev(exact + rounded)
    assert abs(statistics.mean(rounded) - statistics.mean(exact)) < spread, scores
    # Seeds differ by less than a training changes the score, so that the spread means something.
    assert max(exact + rounded) - min(exact + rounded) < 0.5 * statistics.mean(exact), scores
