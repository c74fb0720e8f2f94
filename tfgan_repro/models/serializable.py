"""What a saved model may consist of, made known to Keras without importing it."""

from typing import Any

from tfgan_repro.models import MODELS
from tfgan_repro.registry import Registry

HERE = "tfgan_repro.models"
CLASSES = Registry(
    "saved class",
    {
        **{entry.place.partition(":")[2]: entry for entry in MODELS.values()},
        "GAN": f"{HERE}.gan:GAN",
        "BatchNormalization": f"{HERE}.layers:BatchNormalization",
        "ConditionalBatchNormalization": f"{HERE}.layers:ConditionalBatchNormalization",
        "Conv2D": "tfgan_repro.backends.small_grids:Conv2D",
        "Conv2DTranspose": "tfgan_repro.backends.small_grids:Conv2DTranspose",
        "Dropout": f"{HERE}.layers:Dropout",
        "GroupedConv2D": f"{HERE}.layers:GroupedConv2D",
        "ScheduledAdam": f"{HERE}.optimizers:ScheduledAdam",
        "SelfAttention": f"{HERE}.layers:SelfAttention",
        "SpectralNormalization": f"{HERE}.layers:SpectralNormalization",
    },
)


class Deferred:
    """Stands in Keras' registry for a class, which takes its own place when it is imported.

    Args:
        name: in `CLASSES`.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def from_config(self, config: dict[str, Any]) -> Any:
        """An object of the class, as Keras makes one of what was saved."""
        return CLASSES.load(self.name).from_config(config)


def register() -> None:
    """Let `keras.models.load_model` know all of them; only after Keras has been imported."""
    import keras

    known = keras.saving.get_custom_objects()
    for name in CLASSES:
        known.setdefault(f"tfgan_repro>{name}", Deferred(name))
