"""What a saved model may consist of, made known to Keras without importing it."""

from typing import Any

from tfgan_repro.registry import Registry

MODELS = "tfgan_repro.models"
CLASSES = Registry(
    "saved class",
    {
        "BatchNormalization": f"{MODELS}.layers:BatchNormalization",
        "ConditionalBatchNormalization": f"{MODELS}.layers:ConditionalBatchNormalization",
        "Conv2D": "tfgan_repro.backends.small_grids:Conv2D",
        "Conv2DTranspose": "tfgan_repro.backends.small_grids:Conv2DTranspose",
        "ConvFC": f"{MODELS}.conv_fc:ConvFC",
        "DCGAN": f"{MODELS}.dcgan:DCGAN",
        "Dropout": f"{MODELS}.layers:Dropout",
        "GAN": f"{MODELS}.gan:GAN",
        "GroupedConv2D": f"{MODELS}.layers:GroupedConv2D",
        "R3GAN": f"{MODELS}.r3gan:R3GAN",
        "SAGAN": f"{MODELS}.sagan:SAGAN",
        "SAGANResNet": f"{MODELS}.resnet:SAGANResNet",
        "SNDCGAN": f"{MODELS}.sndcgan:SNDCGAN",
        "SNGANResNet": f"{MODELS}.resnet:SNGANResNet",
        "ScheduledAdam": f"{MODELS}.optimizers:ScheduledAdam",
        "SelfAttention": f"{MODELS}.layers:SelfAttention",
        "SpectralNormalization": f"{MODELS}.layers:SpectralNormalization",
        "WGANGP": f"{MODELS}.wgan_gp:WGANGP",
        "WGANGPACGAN": f"{MODELS}.wgan_gp:WGANGPACGAN",
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
