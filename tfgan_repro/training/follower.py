"""A process beside the chief: it makes the same steps with other images, and writes nothing."""

from typing import TYPE_CHECKING

import keras

from tfgan_repro.backends.devices import Devices, batches_for
from tfgan_repro.training.interruption import Interruption
from tfgan_repro.training.steps import Sitting

if TYPE_CHECKING:
    from tfgan_repro.config import TrainConfig
    from tfgan_repro.data.pictures import Pictures, RecordPictures
    from tfgan_repro.models.gan import GAN


def follow(
    devices: Devices,
    config: "TrainConfig",
    pictures: "Pictures | RecordPictures",
    gan: "GAN",
    max_minutes: float | None = None,
) -> tuple[int, int, int]:
    """Train with the chief until it stops.

    The counterpart of `tfgan_repro.training.run.sit`: whatever the processes do together is called here in the same
    order.

    Args:
        devices: the run's `Devices`.
        config: the operative `TrainConfig`.
        pictures: the training `Pictures`.
        gan: the compiled `GAN`; whatever its state, it takes the chief's.
        max_minutes: the time limit, or None.

    Returns:
        The step that the run has come to, its last, and the exit code of this process.
    """
    # It writes nothing, so that it needs no run directory.
    sitting, goes_on = Sitting(None, 0, config.steps), True  # type: ignore[arg-type]
    with Interruption(sitting, max_minutes, devices) as interruption:
        while goes_on:
            devices.follow_chief(config, gan)
            sitting.done = int(keras.ops.convert_to_numpy(gan.step))
            if sitting.done == sitting.total:
                break
            gan.fit(
                batches_for(devices, config, pictures, gan, sitting.done),
                steps_per_epoch=sitting.total - sitting.done,
                callbacks=[interruption],
                shuffle=False,
                verbose=0,
            )
            goes_on = interruption.goes_on(False)
    return int(keras.ops.convert_to_numpy(gan.step)), config.steps, interruption.exit_code
