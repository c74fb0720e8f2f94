"""Combinations of choices that make no sense, each with its reason."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tfgan_repro.errors import UserError

if TYPE_CHECKING:
    from tfgan_repro.config import TrainConfig


GRADIENT_PENALTIES = ("gradient", "zero-centred", "dragan", "r1")
# Choices that a family of networks has no place for.
WITHOUT_PLACE = {
    "conv-fc": {
        "attention": (True, "it has no place for self-attention"),
        "generator_conditioning": ("batch-normalization", "it has no batch normalisation"),
        "discriminator_normalization": ("batch", "it has no normalisation"),
    },
}


# The largest product of width and pixels a side: DCGAN's discriminator then has a thousand million weights.
MOST_WIDE_PIXELS = 1400


def check_combination(config: "TrainConfig") -> None:
    """Raise a `UserError` where two choices of a `TrainConfig` contradict each other.

    The message names both with their values, and what to do.
    """
    for broken, message in combinations(config):
        if broken:
            raise UserError(message)


def combinations(config: "TrainConfig") -> Iterator[tuple[bool, str]]:
    """Yields whether a rule is broken, and what is to be said then."""
    penalty, normalization = config.penalty, config.discriminator_normalization
    generator, discriminator = config.generator_conditioning, config.discriminator_conditioning
    side = config.image_size or 64
    yield (
        config.width * side > MOST_WIDE_PIXELS,
        f"--width {config.width} at {side} pixels a side makes networks of more than a thousand million weights; "
        f"choose at most {MOST_WIDE_PIXELS / side:.3g}",
    )
    for name, (value, reason) in WITHOUT_PLACE.get(config.model, {}).items():
        option = f"--{name.replace('_', '-')}" + ("" if value is True else f" {value}")
        yield getattr(config, name) == value, f"{option} does not go with --model {config.model}: {reason}"
    yield (
        normalization == "batch" and penalty in GRADIENT_PENALTIES,
        f"--penalty {penalty} punishes each image's own gradient, which batch normalisation mixes with the other "
        "images'; choose --discriminator-normalization layer or none",
    )
    yield (
        (generator == "none") != (discriminator == "none"),
        f"--generator-conditioning {generator} and --discriminator-conditioning {discriminator}: the label must be "
        "known to both networks or to none",
    )
    bounded = penalty in ("gradient", "zero-centred") or config.weight_clip or config.spectral_normalization != "none"
    yield (
        config.loss == "wasserstein" and not bounded,
        "--loss wasserstein needs a bound on the critic's slope: --penalty gradient, --weight-clip 0.01 or "
        "--spectral-normalization discriminator",
    )
    yield (
        config.discriminator_batches == "joint" and normalization != "batch",
        f"--discriminator-batches joint makes no difference under --discriminator-normalization {normalization}: "
        "only batch normalisation sees the batch",
    )
    yield (
        config.ema_start > 0 and not config.ema_half_life,
        f"--ema-start {config.ema_start} needs --ema-half-life",
    )
    yield (
        config.instance_noise_steps > 0 and not config.instance_noise,
        f"--instance-noise-steps {config.instance_noise_steps} needs --instance-noise",
    )
    yield (
        config.optimizer == "adam" and config.momentum > 0,
        f"--momentum {config.momentum} does not go with --optimizer adam, whose momentum is --beta-1",
    )
