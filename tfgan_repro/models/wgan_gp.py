"""Wasserstein GANs with gradient penalty on DCGAN's body (Gulrajani et al. 2017, arXiv:1704.00028)."""

from tfgan_repro.models.dcgan import DCGAN
from tfgan_repro.models.family import registered


@registered
class WGANGP(DCGAN):
    """Wasserstein GAN with gradient penalty: `DCGAN`'s networks, and no batch normalisation in the critic."""

    model = "wgan-gp"


@registered
class WGANGPACGAN(DCGAN):
    """Report B's second model: Wasserstein loss, gradient penalty, an auxiliary classifier (Odena et al. 2017)."""

    model = "wgan-gp-acgan"
