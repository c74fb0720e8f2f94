"""What is done to a GAN's training besides its loss."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Techniques:
    """The choices of `GAN.compile`; `TrainConfig` has fields of the same names.

    Attributes:
        discriminator_steps: discriminator updates before each generator update.
        label_smoothing: how far below 1 the target of real images lies, in [0, 1).
        label_flipping: probability that a real and a generated image are taken for each other.
        penalty: a name in `tfgan_repro.models.PENALTIES`.
        penalty_weight: factor on the penalty.
        weight_clip: bound on each of the discriminator's weights after an update (Arjovsky et al. 2017); 0 for none.
        classifier_weight: factor on the class losses of a discriminator that classifies.
        instance_noise: standard deviation of the noise added to what the discriminator sees (Sønderby et al. 2017).
        instance_noise_steps: generator updates over which that noise falls linearly to none; 0 keeps it.
        augmentation: names in `tfgan_repro.models.AUGMENTATIONS`, with commas; "none" for none.
        discriminator_batches: "separate" calls of the discriminator for real and generated images, or "joint".
        learning_rate_decay_steps: generator updates over which both learning rates fall linearly to 0; 0 keeps them.
        ema_half_life: images after which the sampling generator has half forgotten a weight; 0 for no average.
        ema_start: generator updates before the average begins.
    """

    discriminator_steps: int = 1
    label_smoothing: float = 0.0
    label_flipping: float = 0.0
    penalty: str = "none"
    penalty_weight: float = 10.0
    weight_clip: float = 0.0
    classifier_weight: float = 1.0
    instance_noise: float = 0.0
    instance_noise_steps: int = 0
    augmentation: str = "none"
    discriminator_batches: str = "separate"
    learning_rate_decay_steps: int = 0
    ema_half_life: float = 0.0
    ema_start: int = 0
