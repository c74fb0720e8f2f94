"""What a pair of networks is built from, whatever the family."""

from dataclasses import dataclass

from tfgan_repro.backends import backend_module
from tfgan_repro.errors import UserError


@dataclass(frozen=True)
class Architecture:
    """The choices that every family of networks builds from; `TrainConfig` has the same fields and defaults.

    Attributes:
        image_shape: `(height, width, channels)`, square.
        num_classes: of the labels; 0 for an unconditional pair.
        latent_dim: length of a latent vector.
        width: factor on every channel count.
        generator_conditioning: "none", "concatenation" (an embedding of the label beside the latents) or
            "batch-normalization" (scale and shift of every batch normalisation by class).
        discriminator_conditioning: "none", "concatenation" (an embedding of the label as one more image channel),
            "projection" (its inner product with the features, Miyato and Koyama 2018) or "classifier" (a second
            output with class logits, Odena et al. 2017).
        discriminator_normalization: "batch", "layer" or "none".
        batch_normalization: "per-replica", or "synchronized" over the replicas that share a batch.
        spectral_normalization: "none", "discriminator" or "both".
        attention: whether both networks have self-attention where their family places it.
        downsampling: "stride", or "average-pooling" after convolutions of stride 1.
        leaky_slope: of the rectifiers below zero; 0 makes them ReLU.
        dropout: probability of leaving a feature out.
        seed: of the initial weights.

    Raises:
        UserError: a conditional network without classes.
    """

    image_shape: tuple[int, int, int] = (32, 32, 3)
    num_classes: int = 0
    latent_dim: int = 100
    width: float = 1.0
    generator_conditioning: str = "none"
    discriminator_conditioning: str = "none"
    discriminator_normalization: str = "batch"
    batch_normalization: str = "per-replica"
    spectral_normalization: str = "none"
    attention: bool = False
    downsampling: str = "stride"
    leaky_slope: float = 0.2
    dropout: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("generator_conditioning", "discriminator_conditioning"):
            if getattr(self, name) != "none" and self.num_classes < 2:
                raise UserError(
                    f"--{name.replace('_', '-')} {getattr(self, name)} needs pictures with labels of two classes or "
                    "more; say --generator-conditioning none --discriminator-conditioning none for pictures without"
                )

    @property
    def synchronized(self) -> bool:
        """Whether batch normalisation is synchronised; where nothing is shared, there is nothing to synchronise."""
        return self.batch_normalization == "synchronized" and backend_module("tfgan_repro.backends.{}").replicas() > 1

    def filters(self, count: int) -> int:
        """A channel count times `width`, at least 1."""
        return max(1, round(count * self.width))
