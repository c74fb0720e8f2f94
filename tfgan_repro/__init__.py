"""GANs in Keras 3: trained, scored and shown as five reports did, and better.

    import tfgan_repro as tfgan

    gan = tfgan.SAGAN(image_shape=(32, 32, 3), num_classes=10)
    gan.compile()  # its recipe: optimizers, loss, techniques; each of them can be named instead
    gan.fit(dataset, epochs=10, callbacks=[tfgan.callbacks.SampleGrid("samples/")])
    pictures = gan.generate(64)

What the commands do is one call as well: `tfgan.train(model="dcgan", dataset="cifar10")` leaves a run directory,
`tfgan.evaluate(run)` scores it, `tfgan.generate(run, 64)` makes pictures of its generator, and
`tfgan.compare("photographs/", "mine/")` scores any two sets of pictures.

Everything here is imported when it is first asked for; `keras.models.load_model` knows the models saved from it.
What a user can fix is a `UserError` of one line.
"""

import importlib
from typing import TYPE_CHECKING, Any

from tfgan_repro.after_import import after_import

__version__ = "0.2.0"

if TYPE_CHECKING:
    from tfgan_repro.data import load_pictures
    from tfgan_repro.data.pipeline import training_batches
    from tfgan_repro.errors import UserError
    from tfgan_repro.models import layers as layers
    from tfgan_repro.models import losses as losses
    from tfgan_repro.models import penalties as penalties
    from tfgan_repro.models.conv_fc import ConvFC
    from tfgan_repro.models.dcgan import DCGAN
    from tfgan_repro.models.gan import GAN
    from tfgan_repro.models.r3gan import R3GAN
    from tfgan_repro.models.resnet import SAGANResNet, SNGANResNet
    from tfgan_repro.models.sagan import SAGAN
    from tfgan_repro.models.sndcgan import SNDCGAN
    from tfgan_repro.models.wgan_gp import WGANGP, WGANGPACGAN
    from tfgan_repro.runs.comparison import compare
    from tfgan_repro.runs.evaluation import evaluate
    from tfgan_repro.runs.loading import generate, load_generator
    from tfgan_repro.training import callbacks as callbacks
    from tfgan_repro.training.session import train

# Where each name is found; an empty attribute is the module itself.
PLACES = {
    "ConvFC": "models.conv_fc:ConvFC",
    "DCGAN": "models.dcgan:DCGAN",
    "GAN": "models.gan:GAN",
    "SAGAN": "models.sagan:SAGAN",
    "R3GAN": "models.r3gan:R3GAN",
    "SAGANResNet": "models.resnet:SAGANResNet",
    "SNDCGAN": "models.sndcgan:SNDCGAN",
    "SNGANResNet": "models.resnet:SNGANResNet",
    "UserError": "errors:UserError",
    "WGANGP": "models.wgan_gp:WGANGP",
    "WGANGPACGAN": "models.wgan_gp:WGANGPACGAN",
    "callbacks": "training.callbacks:",
    "compare": "runs.comparison:compare",
    "evaluate": "runs.evaluation:evaluate",
    "generate": "runs.loading:generate",
    "layers": "models.layers:",
    "load_generator": "runs.loading:load_generator",
    "load_pictures": "data:load_pictures",
    "losses": "models.losses:",
    "penalties": "models.penalties:",
    "train": "training.session:train",
    "training_batches": "data.pipeline:training_batches",
}
__all__ = [
    "GAN",
    "DCGAN",
    "SAGAN",
    "WGANGP",
    "WGANGPACGAN",
    "ConvFC",
    "SNDCGAN",
    "SNGANResNet",
    "SAGANResNet",
    "R3GAN",
    "UserError",
    "callbacks",
    "compare",
    "evaluate",
    "generate",
    "layers",
    "load_generator",
    "load_pictures",
    "losses",
    "penalties",
    "train",
    "training_batches",
]


def __getattr__(name: str) -> Any:
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = PLACES[name].split(":")
    found = importlib.import_module(f"{__name__}.{module}")
    value = globals()[name] = getattr(found, attribute) if attribute else found
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


def register_classes() -> None:
    importlib.import_module(f"{__name__}.models.serializable").register()


# So that `keras.models.load_model` knows the models of this package, whichever of the two is imported first.
after_import("keras", register_classes)
