"""How two networks play against each other, and everything of it that has a name."""

from tfgan_repro.registry import Entry, Registry

# Families that work at the images' own size whatever is chosen.
IN_FULL = {"full_resolution": ((False,), "it works at the images' own size anyway")}
# Subclasses of `GAN`, built from an image shape, a number of classes and choices of an `Architecture`.
# takes: what alone a family has a place for: by choice the values, and why no others.
# channel_groups: at width 1, how many equal parts of channels each grid can be cut into, up to 32 pixels a side.
MODELS = Registry(
    "model",
    {
        "dcgan": "tfgan_repro.models.dcgan:DCGAN",
        "sagan": "tfgan_repro.models.sagan:SAGAN",
        "wgan-gp-acgan": "tfgan_repro.models.wgan_gp:WGANGPACGAN",
        "conv-fc": Entry(
            "tfgan_repro.models.conv_fc:ConvFC",
            takes={
                "attention": ((False,), "it has no place for self-attention"),
                "full_resolution": ((False,), "its convolutions are the report's two"),
                "generator_conditioning": (("none", "concatenation"), "it has no batch normalisation"),
                "discriminator_normalization": (("layer", "none"), "it has no normalisation"),
                "leaky_slope": ((0.2,), "its activations are ELU"),
                "generator_activation": (("leaky",), "its activations are ELU"),
            },
        ),
        "wgan-gp": "tfgan_repro.models.wgan_gp:WGANGP",
        "sndcgan": Entry("tfgan_repro.models.sndcgan:SNDCGAN", takes=IN_FULL),
        "sngan-resnet": Entry("tfgan_repro.models.resnet:SNGANResNet", takes=IN_FULL),
        "sagan-resnet": Entry("tfgan_repro.models.resnet:SAGANResNet", takes=IN_FULL),
        "r3gan": Entry(
            "tfgan_repro.models.r3gan:R3GAN",
            channel_groups=96,
            takes={
                **IN_FULL,
                "attention": ((False,), "it has no place for self-attention"),
                "generator_conditioning": (("none", "concatenation"), "it has no batch normalisation"),
                "discriminator_conditioning": (("none", "projection"), "its features are projected onto the class"),
                "discriminator_normalization": (("none",), "it has no normalisation"),
                "spectral_normalization": (("none",), "its first weights are zeros"),
                "downsampling": (("stride",), "it has one of its own"),
                "dropout": ((0.0,), "it has no place for dropout"),
            },
        ),
    },
)
# Each an `AdversarialLoss`.
# needs_bound: it is finite only where something bounds the discriminator's slope. pairs: it is no sum of a part on real
# and a part on generated images.
LOSSES = Registry(
    "loss",
    {
        "non-saturating": "tfgan_repro.models.losses:NON_SATURATING",
        "saturating": "tfgan_repro.models.losses:SATURATING",
        "least-squares": "tfgan_repro.models.losses:LEAST_SQUARES",
        "hinge": "tfgan_repro.models.losses:HINGE",
        "wasserstein": Entry("tfgan_repro.models.losses:WASSERSTEIN", needs_bound=True),
        "relativistic": Entry("tfgan_repro.models.losses:RELATIVISTIC", pairs=True),
        "relativistic-hinge": Entry("tfgan_repro.models.losses:RELATIVISTIC_HINGE", pairs=True),
        "relativistic-least-squares": Entry("tfgan_repro.models.losses:RELATIVISTIC_LEAST_SQUARES", pairs=True),
    },
)
# Functions of the discriminator's slope, real images, generated images and a seed.
# image_gradients: it punishes each image's own gradient. bounds_slope: also between real and generated images.
PENALTIES = Registry(
    "penalty",
    {
        "none": "",
        "gradient": Entry("tfgan_repro.models.penalties:gradient_penalty", image_gradients=True, bounds_slope=True),
        "zero-centred": Entry(
            "tfgan_repro.models.penalties:zero_centred_penalty", image_gradients=True, bounds_slope=True
        ),
        "dragan": Entry("tfgan_repro.models.penalties:dragan_penalty", image_gradients=True),
        "r1": Entry("tfgan_repro.models.penalties:r1_penalty", image_gradients=True),
        "r2": Entry("tfgan_repro.models.penalties:r2_penalty", image_gradients=True),
    },
)
# Functions of images and a seed; or, where an augmentation has a probability, of a `Transform` and its `Dice`.
AUGMENTATIONS = Registry(
    "augmentation",
    {
        "none": "",
        "color": "tfgan_repro.models.augmentation:change_colour",
        "translation": "tfgan_repro.models.augmentation:translate",
        "cutout": "tfgan_repro.models.augmentation:cut_out",
        "ada": Entry("tfgan_repro.models.ada:blit_geometry_and_colour", has_probability=True),
        "ada-blit": Entry("tfgan_repro.models.ada:blit", has_probability=True),
        "ada-geometry": Entry("tfgan_repro.models.ada:geometry", has_probability=True),
        "ada-color": Entry("tfgan_repro.models.ada:colour", has_probability=True),
        "ada-cutout": Entry("tfgan_repro.models.ada:cut_out", has_probability=True),
    },
)
# Functions of a learning rate and `TrainingChoices`, which make a Keras optimiser.
# momentum: whether it takes `momentum`.
OPTIMIZERS = Registry(
    "optimizer",
    {
        "adam": "tfgan_repro.models.optimizers:adam",
        "sgd": Entry("tfgan_repro.models.optimizers:sgd", momentum=True),
        "rmsprop": Entry("tfgan_repro.models.optimizers:rmsprop", momentum=True),
    },
)
