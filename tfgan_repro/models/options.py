"""What can be chosen of a GAN: its networks and how they are trained. Light, so that a command line can read it."""

from dataclasses import dataclass

from tfgan_repro.choices import TINY, choice
from tfgan_repro.models import AUGMENTATIONS, LOSSES, OPTIMIZERS, PENALTIES
from tfgan_repro.registry import Names

NETWORKS, LOSS, TECHNIQUES = "the networks", "the loss and the optimizers", "techniques"

GENERATOR_CONDITIONINGS = Names("generator conditioning", "none", "concatenation", "batch-normalization")
DISCRIMINATOR_CONDITIONINGS = Names("discriminator conditioning", "none", "concatenation", "projection", "classifier")
NORMALIZATIONS = Names("normalization", "batch", "layer", "none")
BATCH_NORMALIZATIONS = Names("kind of batch normalization", "per-replica", "synchronized")
SPECTRAL_NORMALIZATIONS = Names("spectral normalization", "none", "discriminator", "both")
DOWNSAMPLINGS = Names("downsampling", "stride", "average-pooling")
ACTIVATIONS = Names("activation", "leaky", "relu")
CLASS_LOSSES = Names("class loss", "both", "real")
DISCRIMINATOR_UPDATES = Names("kind of discriminator updates", "joint", "separate")
DISCRIMINATOR_BATCHES = Names("kind of discriminator batches", "separate", "joint")
SHAPES = Names("shape of a schedule", "cosine", "linear")
# Numbers among `TrainingChoices` that may change while a training goes on.
SCHEDULED = Names(
    "scheduled value",
    *("generator-learning-rate", "discriminator-learning-rate", "beta-2"),
    *("penalty-weight", "instance-noise", "augmentation-probability", "ema-half-life"),
)


def field_of(name: str) -> str:
    """The field that a name in `SCHEDULED` means."""
    return name.replace("-", "_")


@dataclass(frozen=True, kw_only=True)
class NetworkChoices:
    """What the networks of a GAN are built from."""

    latent_dim: int = choice(100, NETWORKS, "length of a latent vector", low=1, high=4097, metavar="N")
    width: float = choice(1.0, NETWORKS, "factor on every channel count", low=TINY, high=64, metavar="X")
    generator_conditioning: str = choice(
        "none", NETWORKS, "how the generator is told the class", names=GENERATOR_CONDITIONINGS
    )
    discriminator_conditioning: str = choice(
        "none", NETWORKS, "how the discriminator is told the class", names=DISCRIMINATOR_CONDITIONINGS
    )
    discriminator_normalization: str = choice("batch", NETWORKS, "after convolutions", names=NORMALIZATIONS)
    batch_normalization: str = choice(
        "per-replica", NETWORKS, "statistics of each device's share or of all", names=BATCH_NORMALIZATIONS
    )
    spectral_normalization: str = choice("none", NETWORKS, "of which network", names=SPECTRAL_NORMALIZATIONS)
    attention: bool = choice(False, NETWORKS, "self-attention in both networks")
    full_resolution: bool = choice(
        False, NETWORKS, "a 3x3 convolution at the images' own size: the generator's last, the discriminator's first"
    )
    downsampling: str = choice("stride", NETWORKS, "how the discriminator shrinks images", names=DOWNSAMPLINGS)
    leaky_slope: float = choice(0.2, NETWORKS, "of rectifiers below 0; 0 for ReLU", low=0, high=1, metavar="X")
    generator_activation: str = choice(
        "leaky", NETWORKS, "the generator's rectifiers: as in the discriminator, or ReLU", names=ACTIVATIONS
    )
    dropout: float = choice(0.0, NETWORKS, "probability of dropping a feature", low=0, high=1, metavar="X")


@dataclass(frozen=True, kw_only=True)
class TrainingChoices:
    """How the networks of a GAN are trained."""

    loss: str = choice("non-saturating", LOSS, "the adversarial loss", names=LOSSES)
    discriminator_steps: int = choice(
        1, LOSS, "discriminator updates before each generator update", low=1, metavar="N"
    )
    optimizer: str = choice("adam", LOSS, "of both networks", names=OPTIMIZERS)
    generator_learning_rate: float = choice(1e-4, LOSS, "step size", low=TINY, high=10, metavar="X")
    discriminator_learning_rate: float = choice(4e-4, LOSS, "step size", low=TINY, high=10, metavar="X")
    learning_rate_decay_steps: int = choice(
        0, LOSS, "steps over which both rates fall linearly to 0; 0: they do not", low=0, metavar="N"
    )
    beta_1: float = choice(0.5, LOSS, "Adam's decay of the mean", low=0, high=1, metavar="X")
    beta_2: float = choice(0.999, LOSS, "Adam's decay of the variance", low=0, high=1, metavar="X")
    momentum: float = choice(0.0, LOSS, "of SGD and RMSprop", low=0, high=1, metavar="X")

    fresh_latents: bool = choice(
        False, TECHNIQUES, "new latents for the generator's update (a pass of the generator more)"
    )
    label_smoothing: float = choice(
        0.1, TECHNIQUES, "real labels are 1 minus this (one-sided)", low=0, high=1, metavar="X"
    )
    label_flipping: float = choice(
        0.0, TECHNIQUES, "probability of swapping a real and a generated label", low=0, high=1, metavar="X"
    )
    penalty: str = choice(
        "none", TECHNIQUES, "on the discriminator; one, or several with weights, r1:10,gradient:5", names=PENALTIES,
        several=True, weighted=True, metavar="NAMES",
    )  # fmt: skip
    penalty_weight: float = choice(
        10.0, TECHNIQUES, "of a penalty that is named without a weight", low=0, metavar="X"
    )
    weight_clip: float = choice(0.0, TECHNIQUES, "bound on the discriminator's weights; 0: none", low=0, metavar="X")
    class_loss: str = choice(
        "both", TECHNIQUES, "images that the class loss of a classifying discriminator covers", names=CLASS_LOSSES
    )
    classifier_weight: float = choice(1.0, TECHNIQUES, "factor on the class losses", low=0, metavar="X")
    discriminator_batches: str = choice(
        "separate", TECHNIQUES, "real and generated images in the discriminator", names=DISCRIMINATOR_BATCHES
    )
    discriminator_updates: str = choice(
        "joint", TECHNIQUES, "on the sum of its losses on real and on generated images, or on each by an optimizer of "
        "its own", names=DISCRIMINATOR_UPDATES,
    )  # fmt: skip
    instance_noise: float = choice(
        0.0, TECHNIQUES, "standard deviation of noise on the discriminator's inputs", low=0, metavar="X"
    )
    instance_noise_steps: int = choice(
        0, TECHNIQUES, "steps over which it falls linearly to 0; 0: it does not", low=0, metavar="N"
    )
    augmentation: str = choice(
        "none", TECHNIQUES, "of the discriminator's inputs, one or several with commas", names=AUGMENTATIONS,
        several=True, metavar="NAMES",
    )  # fmt: skip
    augmentation_probability: float = choice(
        0.0, TECHNIQUES, "of each transformation of ada; where it adapts, at first", low=0, metavar="X"
    )
    augmentation_target: float = choice(
        0.0, TECHNIQUES, "mean sign of real logits that this probability adapts to; 0: it is fixed", low=0, high=1,
        metavar="X",
    )  # fmt: skip
    augmentation_ramp: int = choice(
        500_000, TECHNIQUES, "real images that it takes to adapt from 0 to 1", low=1, metavar="N"
    )
    freeze_discriminator: int = choice(
        0, TECHNIQUES, "lower convolutions of the discriminator that stay as they are, with --from", low=0, metavar="N"
    )
    ema_half_life: float = choice(
        0.0, TECHNIQUES, "of the generator's moving average, in images; 0: no average", low=0, metavar="X"
    )
    ema_start: int = choice(0, TECHNIQUES, "steps before the average begins", low=0, metavar="N")
    schedule: str = choice("cosine", TECHNIQUES, "how the values of --schedule-to change", names=SHAPES)
    schedule_images: int = choice(
        0, TECHNIQUES, "images (steps times batch size) over which they do", low=0, metavar="N"
    )
    schedule_to: str = choice(
        "none", TECHNIQUES, "last values, beta-2:0.99,penalty-weight:0.1; where they begin, their own options say",
        names=SCHEDULED, several=True, weighted=True, metavar="NAMES",
    )  # fmt: skip

    def uses(self, name: str) -> bool:
        """Whether a number is ever another than 0: from the start, or later on its schedule."""
        return is_used(name, getattr(self, name), self.schedule_to)


def is_used(name: str, value: float, schedule_to: str) -> bool:
    """As `TrainingChoices.uses`, of a number by its field's name."""
    return bool(value) or name in map(field_of, SCHEDULED.pairs(schedule_to))
