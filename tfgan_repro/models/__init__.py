"""How two networks play against each other, one family a file."""

from tfgan_repro.registry import Registry

# Subclasses of `GAN`, built from an image shape, a latent dimension, a width and a seed.
MODELS = Registry("model", {"dcgan": "tfgan_repro.models.dcgan:DCGAN"})
LOSSES = Registry("loss", {"non-saturating": "tfgan_repro.losses:NON_SATURATING"})
