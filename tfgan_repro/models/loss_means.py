"""The means of the losses over an epoch, and over held-out images, where Keras has the last step's."""

from typing import Any

import keras

from tfgan_repro.models.minibatches import too_few


class LossMeans(keras.callbacks.Callback):
    """The means of the losses that steps report, where Keras has the last step's.

    Metrics of a subclass, objects of `keras.metrics`, are not among them: what those report is a mean already.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sums: dict[str, float] = {}
        self.steps = 0

    def begin(self) -> None:
        self.sums, self.steps = {}, 0
        self.left_out = {metric.name for metric in self.model.metrics}

    def add(self, logs: dict[str, Any] | None) -> None:
        self.steps += 1
        for name, value in (logs or {}).items():
            if name not in self.left_out:
                self.sums[name] = self.sums.get(name, 0.0) + float(value)

    @property
    def means(self) -> dict[str, float]:
        return {name: total / self.steps for name, total in self.sums.items()}


class HeldOutMeans(LossMeans):
    """The means over the batches of held-out images."""

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.begin()

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.add(logs)


class EpochMeans(LossMeans):
    """Gives the callbacks after it the means of an epoch's losses at its end.

    Raises:
        UserError: the data have ended before the first step, of which Keras only warns.
    """

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.begin()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.add(logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not self.steps and not self.model.history.epoch:
            raise too_few("the batches", self.model.techniques.discriminator_steps)
        if logs is not None:
            logs.update(self.means)
