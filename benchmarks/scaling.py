"""How the speed of a training step changes with the batch, the width, the image and the number of devices.

    python benchmarks/scaling.py --output docs/pictures/scaling.svg
    python benchmarks/scaling.py --model sndcgan --steps 3

Everything else is the model's default, and batch 128. Each point is the median of some steps in a process of its own; a
point with several devices is `--strategy mirrored` over GPUs, or over parts of the processor where there are none.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from turns import python_path

AXES = {
    "batch_size": (16, 32, 64, 128, 256, 512),
    "width": (0.25, 0.5, 1.0, 2.0),
    "image_size": (32, 64, 128),
    "devices": (1, 2, 4),
}
TITLES = {
    "batch_size": "images a minibatch",
    "width": "factor on the channels",
    "image_size": "pixels a side",
    "devices": "devices",
}
DEFAULTS = {"batch_size": 128, "width": 1.0, "image_size": 32, "devices": 1}
WARM_UP = 3  # steps


def measure(model, steps, point):
    """Seconds of a step, in this process."""
    import keras
    import tensorflow as tf

    from own_steps import random_pictures
    from tfgan_repro.config import TrainConfig
    from tfgan_repro.backends.precision import configure, resolve_precision
    from tfgan_repro.backends.devices import find_devices
    from tfgan_repro.data.pipeline import training_batches
    from tfgan_repro.runs.loading import build_gan, compile_gan

    several = point["devices"] > 1
    if several and not tf.config.list_physical_devices("GPU"):
        (processor,) = tf.config.list_physical_devices("CPU")
        parts = [tf.config.LogicalDeviceConfiguration()] * point["devices"]
        tf.config.set_logical_device_configuration(processor, parts)
    choices = {name: point[name] for name in ("batch_size", "width")}
    strategy = "mirrored" if several else "none"
    config = TrainConfig.from_choices(recipe="report", model=model, strategy=strategy, **choices)
    devices = find_devices(config.strategy, config.batch_size)
    configure(resolve_precision("auto"), 0)
    pictures = random_pictures(2000, point["image_size"])
    with devices.scope():
        gan = build_gan(config, pictures.image_shape, len(pictures.classes))
        compile_gan(gan, config)
    times = []

    class Clock(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            float(logs["d_loss"])  # waits for the device
            times.append(time.perf_counter())

    def make(share):
        return training_batches(pictures, config.images_per_step, labels=gan.conditional, share=share)

    batches = devices.batches(make, config.discriminator_steps)
    gan.fit(batches, stacked=True, steps_per_epoch=WARM_UP + steps, callbacks=[Clock()], shuffle=False, verbose=0)
    return statistics.median(after - before for before, after in zip(times[WARM_UP - 1 :], times[WARM_UP:]))


def seconds(options, point):
    """The same in a process of its own, so that no point is slower for what came before it."""
    words = [sys.executable, __file__, "--model", options.model, "--steps", str(options.steps)]
    environment = {**os.environ, "PYTHONPATH": python_path()}
    done = subprocess.run(
        [*words, "--point", json.dumps(point)], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return float(done.stdout.split()[-1])


def draw(rates, model, output):
    """A curve an axis: images a second."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(rates), figsize=(3 * len(rates), 2.8), layout="constrained")
    for panel, (axis, found) in zip(panels, rates.items()):
        panel.plot(list(found), list(found.values()), marker="o")
        panel.set_xscale("log", base=2)
        panel.set_xticks(list(found), [f"{value:g}" for value in found])
        panel.minorticks_off()
        panel.set_xlabel(TITLES[axis])
        panel.set_ylim(bottom=0)
    panels[0].set_ylabel(f"images a second, {model}")
    figure.savefig(output, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="dcgan", help="(dcgan)")
    parser.add_argument("--steps", type=int, default=5, help="a point (5)")
    parser.add_argument("--axes", nargs="+", choices=AXES, default=list(AXES))
    parser.add_argument("--output", type=Path, metavar="FILE", help="of the drawing")
    parser.add_argument("--point", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.point:
        return print(measure(options.model, options.steps, options.point))
    rates = {}
    for axis in options.axes:
        rates[axis] = {}
        for value in AXES[axis]:
            point = {**DEFAULTS, axis: value}
            spent = seconds(options, point)
            rate = rates[axis][value] = point["batch_size"] / spent
            print(f"{TITLES[axis]} {value:g}: {1000 * spent:.0f} ms a step, {rate:.0f} images/s", flush=True)
    if options.output:
        draw(rates, options.model, options.output)


if __name__ == "__main__":
    main()
