"""What happens beside the training steps: log, sample grids, scores, checkpoints, TensorBoard."""

import time

import keras
import tensorflow as tf

from tfgan_repro.files import append_json_line
from tfgan_repro.report.grids import image_grid, write_png
from tfgan_repro.training.checkpoints import write_checkpoint
from tfgan_repro.training.generation import generate_images

GRID_IMAGES = 64


class StepCallback(keras.callbacks.Callback):
    """A callback that counts generator updates: `on_step(step, logs)` is called after each, from 1 on."""

    def on_train_batch_end(self, batch, logs=None):
        self.on_step(batch + 1, logs)

    @property
    def total_steps(self):
        return self.params["steps"]

    def is_due(self, step, every):
        """Whether something done every so many steps, and after the last one, is done now."""
        return step == self.total_steps or (every > 0 and step % every == 0)


class TrainingLog(StepCallback):
    """Writes the means of each interval as a line of `log.jsonl` and as TensorBoard scalars.

    Args:
        run: a `RunDirectory`.
        board: a `tf.summary` writer.
        every: steps an interval.
        images_per_step: real images that a step sees.
    """

    def __init__(self, run, board, every, images_per_step):
        super().__init__()
        self.run, self.board = run, board
        self.every, self.images_per_step = every, images_per_step

    def on_train_begin(self, logs=None):
        self.start = self.interval_start = time.monotonic()
        self.sums, self.count = {}, 0

    def on_step(self, step, logs):
        self.count += 1
        for name, value in logs.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value)
        if self.is_due(step, self.every):
            self.write(step)

    def write(self, step):
        now = time.monotonic()
        rate = self.count * self.images_per_step / (now - self.interval_start)
        means = {name: total / self.count for name, total in self.sums.items()}
        line = {"step": step, "seconds": round(now - self.start, 3), "images_per_second": round(rate, 1), **means}
        append_json_line(self.run.log, line)
        with self.board.as_default(step):
            for name, value in line.items():
                if name != "step":
                    tf.summary.scalar(name, value)
        self.interval_start, self.sums, self.count = now, {}, 0


class SampleGrids(StepCallback):
    """Writes grids of images from fixed latents, often at first and ever more rarely, so that early changes show.

    Grids come at steps 0, 3, 12, 27, ... (three times the squares) and after the last step.

    Args:
        run: a `RunDirectory`.
        board: a `tf.summary` writer.
        seed: of the latents.
    """

    def __init__(self, run, board, seed):
        super().__init__()
        self.run, self.board, self.seed = run, board, seed

    def on_train_begin(self, logs=None):
        self.taken = 0
        self.write(0)

    def on_step(self, step, logs):
        if self.is_due(step, 0) or step >= 3 * self.taken**2:
            self.write(step)

    def write(self, step):
        self.taken += 1
        grid = image_grid(generate_images(self.model.generator, GRID_IMAGES, self.seed))
        write_png(self.run.sample_grid(step), grid)
        with self.board.as_default(step):
            tf.summary.image("samples", grid[None])


class Scores(StepCallback):
    """Scores generated images every so many steps into `evaluations.jsonl`, and onto TensorBoard.

    Args:
        run: a `RunDirectory`.
        board: a `tf.summary` writer.
        every: steps between scores.
        reference: a `tfgan_repro.metrics.score.Reference`.
        count: generated images a score; their latents have the reference's seed.
    """

    def __init__(self, run, board, every, reference, count):
        super().__init__()
        self.run, self.board, self.every = run, board, every
        self.reference, self.count = reference, count

    def on_step(self, step, logs):
        if not self.is_due(step, self.every):
            return
        images = generate_images(self.model.generator, self.count, self.reference.seed)
        score = self.reference.score(images)
        append_json_line(
            self.run.evaluations, {"step": step, **score, "generator_weights": "raw", "during_training": True}
        )
        with self.board.as_default(step):
            tf.summary.scalar(score["metric"], score["value"])


class Checkpoints(StepCallback):
    """Writes a checkpoint every so many steps and after the last.

    Args:
        run: a `RunDirectory`.
        every: steps between checkpoints.
    """

    def __init__(self, run, every):
        super().__init__()
        self.run, self.every = run, every

    def on_step(self, step, logs):
        if self.is_due(step, self.every):
            write_checkpoint(self.run, self.model, step)
