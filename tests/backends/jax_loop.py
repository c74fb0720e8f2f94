"""What JAX's own loop of many steps a call makes of options of `fit` and of runs; run as a script with a file to write.

A process can have one backend only, so that `test_jax_training.py` reads what this has found.
"""

import json
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np

import tfgan_repro as tfgan
from tfgan_repro.errors import UserError
from tfgan_repro.runs.loading import build_gan
from tfgan_repro.runs.checkpoints import DISCRIMINATOR, load_weights
from tfgan_repro.training.dry_run import StepTimer

TINY = {"model": "conv-fc", "width": 0.0625, "latent_dim": 8, "batch_size": 8, "precision": "float32"}
RUN = {**TINY, "dataset": "shapes", "image_size": 16, "log_every": 1, "optimizer": "sgd", "momentum": 0.5}
RATES = {"generator_learning_rate": 0.05, "discriminator_learning_rate": 0.05}
STEPS = 9
IMAGES = np.random.default_rng(0).integers(0, 256, (32, 16, 16, 3), dtype=np.uint8)


class Seen(keras.callbacks.Callback):
    """The logs of each step, as any callback of a user's own gets them."""

    def __init__(self):
        super().__init__()
        self.steps, self.begun = [], []

    def on_train_batch_begin(self, batch, logs=None):
        self.begun.append(batch)

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append([batch, logs["augmentation_probability"], logs["real_sign"]])


def fitted():
    """A fit with held-out images, callbacks and an adaptive probability."""
    gan, seen, ended = tfgan.ConvFC((16, 16, 3), width=0.0625, latent_dim=8), Seen(), []
    gan.compile(augmentation="ada", augmentation_probability=0.5, augmentation_target=0.9, augmentation_ramp=500)
    ends = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: ended.append(logs["d_loss"]),
        on_epoch_end=lambda epoch, logs: logs.update(fid=7.0),
    )
    options = {"steps_per_epoch": STEPS, "validation_data": IMAGES[:10], "callbacks": [seen, ends], "verbose": 0}
    history = gan.fit(tfgan.training_batches(IMAGES, 8), **options).history
    return {"history": history, "begun": seen.begun, "steps": seen.steps, "ended": ended}


class Counting(tfgan.ConvFC):
    """A subclass with a metric of its own, as Keras' guides have it."""

    def train_step(self, data):
        losses = super().train_step(data)
        self.loudness.update_state(losses["d_loss"])
        return {**losses, "loudness": self.loudness.result()}


def metric_of_a_subclass():
    """The histories of two epochs, by Keras' loop and by JAX' own."""
    histories = []
    for batches in (IMAGES, tfgan.training_batches(IMAGES, 8)):
        gan = Counting((16, 16, 3), width=0.0625, latent_dim=8)
        gan.loudness = keras.metrics.Mean(name="loudness")
        gan.compile()
        size = {"batch_size": 8} if batches is IMAGES else {}
        histories.append(gan.fit(batches, epochs=2, verbose=0, **size).history)
    return histories


def held_out_batches():
    """The history of a `fit` whose held-out images come in batches that never end, as those that it trains on."""
    gan = tfgan.ConvFC((16, 16, 3), width=0.0625, latent_dim=8)
    gan.compile()
    batches = tfgan.training_batches(IMAGES, 8)
    return gan.fit(batches, validation_data=batches, validation_steps=2, verbose=0).history


def several_discriminator_steps():
    """The steps of an epoch of 32 images in batches of 4, and the discriminator's, of which each takes a batch."""
    gan = tfgan.ConvFC((16, 16, 3), width=0.0625, latent_dim=8)
    gan.compile(discriminator_steps=3)
    gan.fit(tfgan.training_batches(IMAGES, 4), verbose=0)
    return [int(gan.step), int(gan.discriminator_optimizer.iterations)]


def refused():
    """What is said of batches that the networks are not made for, or that are too few."""
    several = tfgan.ConvFC((16, 16, 3), width=0.0625, latent_dim=8)
    several.compile(discriminator_steps=3)
    conditional = tfgan.SAGAN((16, 16, 3), num_classes=3, width=0.0625, latent_dim=8)
    conditional.compile()
    said = []
    for gan, images in ((several, IMAGES[:11]), (several, IMAGES[:, :8, :8]), (conditional, IMAGES)):
        try:
            gan.fit(tfgan.training_batches(images, 4), verbose=0)
        except UserError as error:
            said.append(str(error))
    return said


def frozen_after_a_fit():
    """How far the weights of each layer of a discriminator move, of which one is frozen after a first `fit`."""
    gan = tfgan.ConvFC((16, 16, 3), width=0.0625, latent_dim=8)
    gan.compile(optimizer="sgd", **RATES)
    gan.fit(IMAGES, verbose=0)
    learning = [layer for layer in gan.discriminator.layers if layer.weights]
    learning[1].trainable = False
    before = [layer.get_weights()[0] for layer in learning]
    gan.fit(IMAGES, verbose=0)
    return [float(np.abs(layer.get_weights()[0] - kernel).max()) for layer, kernel in zip(learning, before)]


def restored(folder):
    """The epochs of three that a training makes which goes on with one of two, and the steps of both."""
    for epochs in (2, 3):
        gan = tfgan.ConvFC((16, 16, 3), width=0.0625, latent_dim=8)
        gan.compile()
        backup = keras.callbacks.BackupAndRestore(folder / "backup", delete_checkpoint=False)
        batches = tfgan.training_batches(IMAGES, 8)
        history = gan.fit(batches, steps_per_epoch=2, epochs=epochs, callbacks=[backup], verbose=0)
    return [history.epoch, int(gan.step)]


def discriminator_weights(run, config):
    """Those of a run's newest checkpoint."""
    gan = build_gan(config, (16, 16, 3), 10)
    load_weights(gan.discriminator, list(run.list_checkpoints().values())[-1] / DISCRIMINATOR)
    return gan.discriminator.get_weights()


def begun_with_a_run(folder):
    """How far each of the discriminator's weights has moved from those of the run that it began with."""
    first = tfgan.train(**RUN, steps=1, run_dir=str(folder / "first")).run
    frozen = {"from_": str(first.path), "freeze_discriminator": 1}
    second = tfgan.train(**RUN, **RATES, **frozen, steps=3, run_dir=str(folder / "second")).run
    config = first.read_config()[0]
    weights = [discriminator_weights(run, config) for run in (first, second)]
    facts = json.loads(second.config.read_text())["from"]
    return {"moved": [float(np.abs(one - other).max()) for one, other in zip(*weights)], "step": facts["step"]}


def main(path):
    # Here, because the tests import this module where JAX is not installed, too.
    from tfgan_repro.backends.jax_devices import needs_every_step

    found = fitted() | {"rounds": several_discriminator_steps(), "refused": refused()}
    found["timed_one_by_one"] = needs_every_step(StepTimer())
    found["held_out"] = held_out_batches()
    found["subclass"] = metric_of_a_subclass()
    found["frozen"] = frozen_after_a_fit()
    folder = Path(tempfile.mkdtemp())
    found["restored"] = restored(folder)
    found |= begun_with_a_run(folder)
    Path(path).write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
