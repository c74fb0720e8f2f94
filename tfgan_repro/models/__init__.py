"""How two networks play against each other, and the named pairs."""

from tfgan_repro.registry import Registry

# Subclasses of `GAN`, built from an image shape, a number of classes and choices of an `Architecture`.
MODELS = Registry(
    "model",
    {
        "dcgan": "tfgan_repro.models.named:DCGAN",
        "sagan": "tfgan_repro.models.named:SAGAN",
        "wgan-gp-acgan": "tfgan_repro.models.named:WGANGPACGAN",
        "conv-fc": "tfgan_repro.models.named:ConvFC",
        "wgan-gp": "tfgan_repro.models.named:WGANGP",
        "sndcgan": "tfgan_repro.models.named:SNDCGAN",
        "sngan-resnet": "tfgan_repro.models.named:SNGANResNet",
        "sagan-resnet": "tfgan_repro.models.named:SAGANResNet",
    },
)
# Each an `AdversarialLoss`.
LOSSES = Registry(
    "loss",
    {
        "non-saturating": "tfgan_repro.models.losses:NON_SATURATING",
        "saturating": "tfgan_repro.models.losses:SATURATING",
        "least-squares": "tfgan_repro.models.losses:LEAST_SQUARES",
        "hinge": "tfgan_repro.models.losses:HINGE",
        "wasserstein": "tfgan_repro.models.losses:WASSERSTEIN",
    },
)
# Functions of the discriminator's slope, real images, generated images and a seed.
PENALTIES = Registry(
    "penalty",
    {
        "none": "",
        "gradient": "tfgan_repro.models.penalties:gradient_penalty",
        "zero-centred": "tfgan_repro.models.penalties:zero_centred_penalty",
        "dragan": "tfgan_repro.models.penalties:dragan_penalty",
        "r1": "tfgan_repro.models.penalties:r1_penalty",
    },
)
