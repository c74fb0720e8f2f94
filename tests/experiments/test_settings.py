"""What is trained alike, and what a user's word changes in an experiment."""

from tfgan_repro.experiments.selection import config_of
from tfgan_repro.experiments.settings import overrides_text, record_of, same_trainings


def test_trainings_with_the_same_choices_are_known():
    shared = same_trainings("leaky-vs-relu:leaky")
    assert len(shared) == 7 and "adam-vs-sgd:adam" in shared
    assert same_trainings("adam-vs-sgd:sgd") == ("adam-vs-sgd:sgd",)
    # The pictures that are brought are not the same ones.
    assert same_trainings("cats-dogs-dcgan:dcgan") == ("cats-dogs-dcgan:dcgan",)


def test_what_is_said_beside_an_experiment_wins_and_is_shown():
    config = config_of(
        {"experiment": "cifar10-sagan", "width": 0.5, "dataset": "mnist", "seed": 3, "run_dir": "x"}
    )
    assert (config.width, config.dataset, config.loss, config.seed) == (0.5, "mnist", "wasserstein", 3)
    assert record_of(config) == {
        "name": "cifar10-sagan",
        "variant": "sagan",
        "report": "C",
        "overrides": {"dataset": "mnist", "width": 0.5},
    }
    text = overrides_text(config_of({"experiment": "cifar10-sagan", "epochs": 5}))
    assert text.endswith("overrides: epochs 5 (not None)"), "no word of steps, which epochs decide"
    text = overrides_text(config)
    assert "(report C)" in text and "width 0.5 (not 1.0)" in text and "dataset mnist (not cifar10)" in text
