"""This package's training as a contestant of train_step.py, on the backend that KERAS_BACKEND names."""

import argparse
import gzip
import json
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from turns import Turns

PICTURES = 10_000
WARM_UP = 3  # calls, of which the first compiles


def turn_taker(turns, seconds):
    """A callback that lets a training run in turns only."""
    import keras
    import numpy as np

    class TurnTaker(keras.callbacks.Callback):
        calls, first, start = 0, None, None

        def next_due(self, step):
            return 2**31 - 1

        def on_train_batch_end(self, batch, logs=None):
            self.calls += 1
            if self.calls < WARM_UP:
                return
            np.asarray(logs["d_loss"])  # waits for the device
            now = time.perf_counter()
            if self.calls == WARM_UP:
                turns.ready()
            elif now - self.start < seconds:
                return
            else:
                turns.tell((batch - self.first) / (now - self.start))
            if not turns.wait():
                self.model.stop_training = True
            self.first, self.start = batch, time.perf_counter()

    return TurnTaker()


def tracer(turns, folder):
    """A callback that traces one call of the compiled program on JAX and tells the share of it spent in kernels."""
    import jax
    import keras

    class Tracer(keras.callbacks.Callback):
        calls = 0

        def next_due(self, step):
            return 2**31 - 1

        def on_train_batch_end(self, batch, logs=None):
            self.calls += 1
            if self.calls == WARM_UP:
                jax.profiler.start_trace(folder)
            elif self.calls > WARM_UP:
                jax.profiler.stop_trace()
                turns.tell(kernel_share(folder))
                self.model.stop_training = True

    return Tracer()


def kernel_share(folder):
    """The share of the time between the first and the last kernel of a trace in which at least one runs.

    On a processor, where there are no streams of kernels, operations of XLA count as such.
    """
    (path,) = Path(folder).rglob("*.trace.json.gz")
    with gzip.open(path) as file:
        events = json.load(file)["traceEvents"]
    names = {
        (each["name"], each["pid"], each.get("tid")): each["args"]["name"]
        for each in events
        if each.get("ph") == "M" and each["name"] in ("process_name", "thread_name")
    }
    devices = {pid for (kind, pid, _), name in names.items() if kind == "process_name" and "/device:" in name}
    streams = {(pid, tid) for (kind, pid, tid), name in names.items() if pid in devices and name.startswith("Stream")}
    spans = sorted(
        (each["ts"], each["ts"] + each["dur"])
        for each in events
        if each.get("ph") == "X"
        and ((each["pid"], each["tid"]) in streams if streams else "hlo_op" in each.get("args", {}))
    )
    if not spans:
        return float("nan")
    busy, until = 0.0, spans[0][0]
    for begin, end in spans:
        busy += max(0.0, end - max(begin, until))
        until = max(until, end)
    return busy / (until - spans[0][0])


def random_pictures(count=PICTURES, side=32):
    """Training pictures as of any set."""
    import numpy as np

    from tfgan_repro.data.pictures import Pictures

    random_state = np.random.default_rng(0)
    images = random_state.integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    labels = random_state.integers(0, 10, count).astype(np.int32)
    return Pictures("random", "train", images, labels, tuple("0123456789"))


def main():
    turns = Turns()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--image-size", type=int, default=32)
    parser.add_argument("--count", action="store_true", help="tell the operations of a step instead")
    parser.add_argument("--trace", metavar="DIR", help="tell the share of time in kernels instead (JAX)")
    options = parser.parse_args()

    from tfgan_repro.backends import backend_module
    from tfgan_repro.config import TrainConfig
    from tfgan_repro.data.pipeline import training_batches
    from tfgan_repro.backends.precision import configure, resolve_precision
    from tfgan_repro.runs.loading import build_gan, compile_gan

    config = TrainConfig.from_choices(
        recipe="report", model=options.model, batch_size=options.batch_size, width=options.width
    )
    configure(resolve_precision(options.precision), 0)
    pictures = random_pictures(side=options.image_size)
    gan = build_gan(config, pictures.image_shape, len(pictures.classes))
    compile_gan(gan, config)
    if options.count:
        shape = (config.images_per_step, *pictures.image_shape)
        return turns.tell(backend_module("tfgan_repro.backends.{}_training").step_operations(gan, shape))
    batches = training_batches(
        pictures, config.images_per_step, labels=gan.conditional, dequantize=config.dequantize
    )
    taker = tracer(turns, options.trace) if options.trace else turn_taker(turns, options.seconds)
    gan.fit(batches, stacked=True, steps_per_epoch=10**9, callbacks=[taker], shuffle=False, verbose=0)


if __name__ == "__main__":
    main()
