"""Ten steps of several kinds on one device and on two; run as a script with a file to write and a case.

Logical devices are set up before TensorFlow starts, so that `test_devices.py` runs this in processes of its own.
"""

import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfgan_repro.backends.devices import find_devices
from tfgan_repro.config import TrainConfig
from tfgan_repro.models.generation import labelled_images
from tfgan_repro.runs.checkpoints import networks_of, training_variables
from tfgan_repro.runs.fine_tuning import find_beginning
from tfgan_repro.training.session import TrainingSession, train

STEPS = 10
TINY = {"steps": STEPS, "batch_size": 8, "width": 0.0625, "latent_dim": 8, "image_size": 16, "precision": "float32"}
# Rates at which ten steps move the weights by much more than rounding does.
FAST = {"generator_learning_rate": 0.01, "discriminator_learning_rate": 0.01, "optimizer": "sgd", "momentum": 0.5}
# Everything that draws random numbers or keeps a state.
RANDOM = {
    "dropout": 0.2,
    "augmentation": "color,translation,cutout,ada",
    "augmentation_target": 0.1,
    "augmentation_ramp": 200,
    "instance_noise": 0.1,
    "instance_noise_steps": 20,
    "label_flipping": 0.2,
    "learning_rate_decay_steps": 20,
    "ema_half_life": 30.0,
    "ema_start": 2,
    "discriminator_steps": 2,
    "flip": True,
    "dequantize": True,
}
# The networks of a run, the lower part of one of which stays as it is.
BEGUN = "from_"
SLOWER = {**FAST, "generator_learning_rate": 0.003, "discriminator_learning_rate": 0.003}
LABELS = {"generator_conditioning": "concatenation", "discriminator_conditioning": "projection"}
PENALTY = {"loss": "wasserstein", "penalty": "gradient", "penalty_weight": 1.0, "label_smoothing": 0.0}
CASES = {
    "adam": {"model": "conv-fc", "optimizer": "adam"},
    "all that is random": {"model": "conv-fc", **FAST, **RANDOM, **LABELS, **PENALTY},
    "begun with a run's networks": {"model": "conv-fc", **FAST, BEGUN: "", "freeze_discriminator": 1},
    "synchronised": {"model": "sagan", "loss": "hinge", **SLOWER, "batch_normalization": "synchronized"},
    "per replica": {"model": "dcgan", **FAST},
}


class Logs(keras.callbacks.Callback):
    """Keeps the metrics of each step, and the greatest length that each variable had."""

    def __init__(self, variables):
        super().__init__()
        self.variables, self.rows, self.greatest = variables, [], dict.fromkeys(variables, 0.0)

    def on_train_batch_end(self, batch, logs=None):
        self.rows.append({name: float(value) for name, value in logs.items()})
        for name, variable in self.variables.items():
            values = keras.ops.convert_to_numpy(variable).astype(np.float64)
            self.greatest[name] = max(self.greatest[name], np.linalg.norm(values))


def copies(variable):
    """The values that the devices hold, one after the other."""
    return [value.numpy() for value in tf.distribute.get_strategy().experimental_local_results(variable.value)]


def variables_of(gan):
    """Everything that a checkpoint holds, by name."""
    variables = dict(training_variables(gan))
    for file, network in networks_of(gan).items():
        variables |= {f"{file}/{index:03d}/{weight.path}": weight for index, weight in enumerate(network.weights)}
    return variables


def latents(gan, devices):
    """The latents of a minibatch, device after device."""
    with devices.scope():
        strategy = tf.distribute.get_strategy()
        draw = tf.function(lambda: strategy.run(gan.draw_latents, args=(TINY["batch_size"] // devices.replicas,)))
        return np.concatenate([part.numpy() for part in strategy.experimental_local_results(draw())])


def run_case(choices):
    """All that ten steps leave behind, as NumPy arrays by name."""
    config = TrainConfig.from_choices(**{**TINY, **choices})
    devices = find_devices(config.strategy, config.batch_size)
    session = TrainingSession(config, devices=devices)
    session.find_pictures()
    session.prepare()
    gan = session.gan
    session.begin_with(find_beginning(session.config))
    variables = variables_of(gan)
    before = {f"before|{name}": keras.ops.convert_to_numpy(variable) for name, variable in variables.items()}
    logs = Logs(variables)
    session.fit([logs])
    found = {"replicas": devices.replicas, "latents": latents(gan, devices), **before}
    with devices.scope():
        for name, variable in variables.items():
            first, *others = copies(variable)
            found[f"weight|{name}"] = first
            found[f"greatest|{name}"] = logs.greatest[name]
            found[f"spread|{name}"] = max([np.abs(other - first).max() for other in others], default=0.0)
    for name in logs.rows[0]:
        found[f"metric|{name}"] = np.array([row[name] for row in logs.rows])
    # Not a multiple of the number of devices.
    found["images"] = labelled_images(gan.sampling_generator, 7, 1, session.material.classes)[0]
    return found


def main(path, case):
    processor = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
    choices, stored = dict(CASES[case]), {}
    if BEGUN in choices:
        choices[BEGUN] = str(Path(tempfile.mkdtemp()) / "run")
        others = {name: value for name, value in choices.items() if name not in (BEGUN, "freeze_discriminator")}
        train(**{**TINY, **others, "steps": 1, "run_dir": choices[BEGUN]})
    for strategy in ("none", "mirrored"):
        found = run_case({**choices, "strategy": strategy})
        stored |= {f"{strategy}|{name}": value for name, value in found.items()}
    np.savez(path, **stored)


if __name__ == "__main__":
    main(*sys.argv[1:])
