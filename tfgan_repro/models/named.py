"""The pairs that `train.py --model` knows, each with the networks and the recipe of its report or paper."""

from types import ModuleType
from typing import Any

from tfgan_repro.models.gan import GAN
from tfgan_repro.models import conv_fc, dcgan, resnet, sndcgan
from tfgan_repro.models.architecture import Architecture
from tfgan_repro.recipes import RECIPES


class NamedGAN(GAN):
    """A GAN whose networks come from a family, with the choices of a recipe where nothing else is said.

    Args:
        image_shape: `(height, width, channels)`, square.
        num_classes: of the labels; 0 for a set without.
        **choices: fields of `Architecture`, such as `latent_dim`, `width` and `seed`; the recipe's where not given.

    Raises:
        UserError: the networks cannot make that image size, or they need labels and there are none.
    """

    model: str  # the name in `MODELS` and `RECIPES`
    networks: ModuleType  # the module with `build_generator` and `build_discriminator`

    def __init__(self, image_shape: tuple[int, int, int] = (32, 32, 3), num_classes: int = 0, **choices: Any) -> None:
        recipe = {key: value for key, value in RECIPES[self.model].items() if key in Architecture.__dataclass_fields__}
        architecture = Architecture(image_shape, num_classes, **{**recipe, **choices})
        super().__init__(
            self.networks.build_generator(architecture),
            self.networks.build_discriminator(architecture),
            seed=architecture.seed,
        )


class DCGAN(NamedGAN):
    """Deep convolutional GAN (Radford et al. 2016): reports A, B (64x64) and C."""

    model, networks = "dcgan", dcgan


class SAGAN(NamedGAN):
    """Report C's conditional SAGAN: DCGAN's body, self-attention, spectral and (conditional) batch normalisation."""

    model, networks = "sagan", dcgan


class WGANGP(NamedGAN):
    """Wasserstein GAN with gradient penalty (Gulrajani et al. 2017) on DCGAN's body."""

    model, networks = "wgan-gp", dcgan


class WGANGPACGAN(NamedGAN):
    """Report B's second model: Wasserstein loss with gradient penalty and an auxiliary classifier."""

    model, networks = "wgan-gp-acgan", dcgan


class ConvFC(NamedGAN):
    """Report D's network for digits: convolutions, dense layers, ELU and dropout."""

    model, networks = "conv-fc", conv_fc


class SNDCGAN(NamedGAN):
    """Spectrally normalised DCGAN (Miyato et al. 2018)."""

    model, networks = "sndcgan", sndcgan


class SNGANResNet(NamedGAN):
    """Residual SNGAN with projection (Miyato et al. 2018; Miyato and Koyama 2018)."""

    model, networks = "sngan-resnet", resnet


class SAGANResNet(NamedGAN):
    """Residual SAGAN: spectral normalisation in both networks, self-attention at 16x16 (Zhang et al. 2019)."""

    model, networks = "sagan-resnet", resnet
