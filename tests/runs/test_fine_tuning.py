"""A run that begins with the networks of another one."""

import json
import shutil

import keras
import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.experiments.selection import config_of
from tfgan_repro.runs.loading import build_gan, compile_gan
from tfgan_repro.runs.checkpoints import restore_checkpoint
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.runs.fine_tuning import beginning_at, of_classes
from tfgan_repro.runs.origin import find_origin
from tfgan_repro.training.session import resume, train

TINY = {
    "dataset": "letters",
    "model": "sagan",
    "recipe": "report",
    "width": 0.0625,
    "latent_dim": 8,
    "batch_size": 8,
    "steps": 2,
    "log_every": 1,
    "checkpoint_every": 2,
    "ema_half_life": 20.0,
    "precision": "float32",
    "discriminator_learning_rate": 3e-3,
    "learning_rate_decay_steps": 5,
    "flip": True,
    "dequantize": True,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two steps of a conditional GAN with an average and spectral normalisation."""
    return train(**TINY, run_dir=str(tmp_path_factory.mktemp("origin") / "run")).run


def networks(gan):
    return {"generator": gan.generator, "discriminator": gan.discriminator, "average": gan.average.network}


def weights(gan):
    return {
        f"{name}/{layer.name}/{index} {weight.name}": keras.ops.convert_to_numpy(weight)
        for name, network in networks(gan).items()
        for layer in network.layers
        for index, weight in enumerate(layer.weights)
    }


def gan_of(config, shape, classes):
    gan = build_gan(config, shape, classes)
    compile_gan(gan, config)
    return gan


def begun(run, classes, path=None, **choices):
    """The weights of the run's networks and of those that begin with them."""
    origin = find_origin(path or run.path)
    gan = gan_of(config_of({"from_": str(path or run.path), **choices}), origin.image_shape, classes)
    beginning_at(origin).load(gan)
    own = gan_of(origin.config, origin.image_shape, len(origin.classes))
    restore_checkpoint(run.checkpoints / "step_00000002", own)
    return weights(own), weights(gan), gan


def test_both_networks_and_the_average_are_taken_over(run):
    before, after, _ = begun(run, 10)
    assert before.keys() == after.keys() and len({name.split("/")[0] for name in after}) == 3
    for name, weight in after.items():
        np.testing.assert_array_equal(weight, before[name], err_msg=name)
    averages = [name for name in after if name.startswith("average/")]
    assert any((after[name] != after[name.replace("average", "generator")]).any() for name in averages)


def test_other_classes_begin_as_the_mean_and_the_rest_is_kept(run):
    before, after, _ = begun(run, 3)
    anew = [name for name in after if after[name].shape != before[name].shape]
    assert {name.split("/")[1] for name in anew} >= {"grid_norm", "label_projection_sn"}
    for name, weight in after.items():
        expected = before[name]
        if name in anew:
            expected = np.repeat(expected.mean(axis=0, keepdims=True), 3, axis=0)
        np.testing.assert_allclose(weight, expected, rtol=1e-6, err_msg=name)


def test_the_class_axis_is_found_wherever_it_lies():
    weight = np.arange(8.0).reshape(2, 4)
    np.testing.assert_array_equal(of_classes(weight, (2, 3), (4, 3)), [[1.5] * 3, [5.5] * 3])
    assert of_classes(weight, (2, 4), (4, 3)) is weight
    for shape in ((3, 4), (2, 3, 1), (3, 3)):
        with pytest.raises(ValueError, match=r"a weight of shape \(2, 4\)"):
            of_classes(weight, shape, (4, 3))


@pytest.mark.parametrize("kind", ["checkpoint", "weights", "weights in a checkpoint"])
def test_the_ways_to_name_where_it_begins(run, kind):
    path = run.checkpoints / "step_00000002"
    path = {"weights": run.generator_weights, "weights in a checkpoint": path / "generator.weights.h5"}.get(kind, path)
    before, after, _ = begun(run, 10, path)
    for name in (name for name in after if name.startswith("discriminator")):
        np.testing.assert_array_equal(after[name], before[name])


def test_lower_layers_stay_and_the_others_learn(run):
    _, before, gan = begun(run, 10, freeze_discriminator=2)
    images = np.random.default_rng(0).uniform(-1, 1, (8, *gan.image_shape)).astype(np.float32)
    gan.fit(images, np.arange(8, dtype=np.int32) % 10, batch_size=8, epochs=2, verbose=0)
    after = weights(gan)
    # `u` is where the power iteration has come to, and no weight.
    names = [name for name in after if name.startswith("discriminator") and not name.endswith(" u")]
    changed = {name.split("/")[1] for name in names if (after[name] != before[name]).any()}
    assert {"down3_sn", "logits_sn", "label_projection_sn"} <= changed
    assert not {"down1_sn", "down2_sn", "attention"} & changed


def test_more_layers_than_there_are_cannot_stay(run):
    with pytest.raises(UserError, match="--freeze-discriminator 9: the discriminator has . convolutions and dense"):
        begun(run, 10, freeze_discriminator=9)


def test_what_is_not_chosen_is_the_other_run_s(run):
    config = config_of({"from_": str(run.path), "dataset": "shapes", "label_smoothing": 0.05})
    assert (config.model, config.latent_dim, config.discriminator_learning_rate) == ("sagan", 8, 3e-3)
    assert (config.image_size, config.dataset, config.label_smoothing) == (32, "shapes", 0.05)
    assert (config.batch_size, config.flip, config.dequantize) == (TINY["batch_size"], True, True)
    assert not config_of({"from_": str(run.path), "flip": False}).flip
    assert config.learning_rate_decay_steps == 0, "of the steps of the other run"


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"latent_dim": 9}, "--latent-dim 9 does not fit --from .*run, whose networks have 8"),
        ({"model": "dcgan"}, "--model dcgan does not fit --from .*run, whose networks have sagan"),
        ({"image_size": 64}, "--image-size 64 does not fit --from .*run, whose networks are made for 32 pixels"),
        ({"attention": False}, "--attention False does not fit"),
        ({"recipe": "tuned"}, "--recipe tuned and --from .*, whose choices are taken over: give one of them"),
        ({"experiment": "cifar10-sagan"}, "--experiment cifar10-sagan and --from .*: give one of them"),
    ],
)
def test_what_does_not_fit_is_refused(run, choices, message):
    with pytest.raises(UserError, match=message):
        config_of({"from_": str(run.path), **choices})


def test_what_is_no_run_is_refused(run, tmp_path):
    with pytest.raises(UserError, match="--from .*gone: no such run"):
        config_of({"from_": str(tmp_path / "gone")})
    with pytest.raises(UserError, match="neither a run nor in one"):
        config_of({"from_": str(tmp_path)})
    with pytest.raises(UserError, match="--freeze-discriminator 2 needs --from"):
        config_of({"freeze_discriminator": 2})
    # As a run is given away: without what only its training needs.
    shutil.copytree(run.path, tmp_path / "given", ignore=shutil.ignore_patterns("step_*2"))
    with pytest.raises(UserError, match="no checkpoint of .*given has a discriminator to it"):
        train(from_=str(tmp_path / "given"), dataset="folder:nowhere", run_dir=str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_a_run_says_where_it_began_and_one_killed_at_once_begins_there_again(run, tmp_path):
    choices = {"from_": str(run.path), "dataset": "letters", "batch_size": 8, "freeze_discriminator": 1}
    begun_run = train(**choices, steps=2, run_dir=str(tmp_path / "run")).run
    facts = json.loads(begun_run.config.read_text())
    assert facts["from"]["run"] == facts["config"]["from_"] == str(run.path) and facts["from"]["step"] == 2
    killed = RunDirectory(tmp_path / "killed")
    shutil.copytree(begun_run.path, killed.path, ignore=shutil.ignore_patterns("step_*2", "*.h5", "*.jsonl"))
    resume(killed.path, {})
    assert killed.generator_weights.read_bytes() == begun_run.generator_weights.read_bytes()
    assert json.loads(killed.config.read_text())["from"] == facts["from"]
