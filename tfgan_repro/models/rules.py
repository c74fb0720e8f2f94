"""Combinations of choices that make no sense, each with its reason."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from tfgan_repro.choices import each_checked, option_name
from tfgan_repro.errors import UserError
from tfgan_repro.models import AUGMENTATIONS, LOSSES, MODELS, OPTIMIZERS, PENALTIES
from tfgan_repro.models.options import SCHEDULED, NetworkChoices, TrainingChoices, field_of, is_used

# The largest product of width and pixels a side: DCGAN's discriminator then has a thousand million weights.
MOST_WIDE_PIXELS = 1400
FIELDS = {spec.name: spec for kind in (NetworkChoices, TrainingChoices) for spec in dataclasses.fields(kind)}

# A rule takes the choices that it is about, under their names, and returns what is wrong with them, or None.
Rule = Callable[..., str | None]
RULES: dict[Rule, tuple[str, ...]] = {}


def rule(function: Rule) -> Rule:
    """Make a function one of the rules; its parameters say which choices it is about."""
    RULES[function] = tuple(inspect.signature(function).parameters)
    return function


def check_choices(choices: Mapping[str, Any], context: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Check choices of a GAN one by one and against each other, as `GAN.compile` and a configuration make them.

    Args:
        choices: by the names of the fields of `NetworkChoices` and `TrainingChoices`, as many as there are. Other
            names are refused before, where it is known which would have been understood.
        context: further choices that they must go with, such as those that the networks were built from.

    Returns:
        The choices in the form in which they are kept: NumPy's numbers as Python's, lists of names as text.

    Raises:
        UserError: a value of the wrong type or range, or choices that contradict each other.
    """
    values = each_checked(FIELDS, choices)
    check_combination({**(context or {}), **values})
    return values


def check_combination(choices: Mapping[str, Any]) -> None:
    """Raise a `UserError` where two choices contradict each other; it names both with their values, and what to do.

    Args:
        choices: by name. A rule about a choice that is not among them says nothing.
    """
    for broken, names in RULES.items():
        if choices.keys() >= set(names) and (message := broken(*(choices[name] for name in names))):
            raise UserError(message)
    model = choices.get("model")
    for name, (values, reason) in MODELS.fact(model, "takes", {}).items() if model else ():
        if (value := choices.get(name, values[0])) not in values:
            option = option_name(name) + ("" if value is True else f" {value}")
            raise UserError(f"{option} does not go with --model {model}: {reason}")


@rule
def networks_fit_into_memory(width: float, image_size: int | None) -> str | None:
    side = image_size or 64
    if width * side <= MOST_WIDE_PIXELS:
        return None
    return (
        f"--width {width} at {side} pixels a side makes networks of more than a thousand million weights; "
        f"choose at most {MOST_WIDE_PIXELS / side:.3g}"
    )


@rule
def groups_of_channels_are_full(model: str, width: float, image_size: int | None) -> str | None:
    groups = MODELS.fact(model, "channel_groups")
    if groups is None:
        return None
    most = groups * 32 / max(image_size or 32, 32)
    if abs(width * most - round(width * most)) < 0.01 and round(width * most):
        return None
    below, above = (f"{max(1, count) / most:.4g}" for count in (int(width * most), int(width * most) + 1))
    return (
        f"--width {width}: the channels of {model} come in groups, and at {image_size or 32} pixels a side its widths "
        f"are multiples of 1/{most:g}; choose {below if below == above else f'{below} or {above}'}"
    )


@rule
def batch_normalization_mixes_image_gradients(penalty: str, discriminator_normalization: str) -> str | None:
    if discriminator_normalization != "batch" or not penalties_with("image_gradients", penalty):
        return None
    return (
        f"--penalty {penalty} punishes each image's own gradient, which batch normalisation mixes with the other "
        "images'; choose --discriminator-normalization layer or none"
    )


@rule
def both_networks_know_the_label(generator_conditioning: str, discriminator_conditioning: str) -> str | None:
    if (generator_conditioning == "none") == (discriminator_conditioning == "none"):
        return None
    return (
        f"--generator-conditioning {generator_conditioning} and --discriminator-conditioning "
        f"{discriminator_conditioning}: the label must be known to both networks or to none"
    )


@rule
def a_critic_has_a_bounded_slope(
    loss: str, penalty: str, weight_clip: float, spectral_normalization: str
) -> str | None:
    if not LOSSES.fact(loss, "needs_bound"):
        return None
    if penalties_with("bounds_slope", penalty) or weight_clip or spectral_normalization != "none":
        return None
    return (
        f"--loss {loss} needs a bound on the critic's slope: --penalty gradient, --weight-clip 0.01 or "
        "--spectral-normalization discriminator"
    )


@rule
def joint_batches_need_batch_normalization(
    discriminator_batches: str, discriminator_normalization: str
) -> str | None:
    if discriminator_batches != "joint" or discriminator_normalization == "batch":
        return None
    return (
        "--discriminator-batches joint makes no difference under --discriminator-normalization "
        f"{discriminator_normalization}: only batch normalisation sees the batch"
    )


@rule
def separate_updates_have_a_loss_each(
    discriminator_updates: str, loss: str, penalty: str, schedule_to: str
) -> str | None:
    if discriminator_updates == "joint":
        return None
    wrong = {
        f"--loss {loss}, which is no sum of two losses": LOSSES.fact(loss, "pairs"),
        f"--penalty {penalty}, which belongs to both": PENALTIES.several(penalty),
        "--schedule-to beta-2, which one optimizer would not follow": "beta-2" in SCHEDULED.pairs(schedule_to),
    }
    found = [what for what, is_so in wrong.items() if is_so]
    return f"--discriminator-updates separate does not go with {found[0]}" if found else None


@rule
def an_average_that_starts_exists(ema_start: int, ema_half_life: float, schedule_to: str) -> str | None:
    if not ema_start or is_used("ema_half_life", ema_half_life, schedule_to):
        return None
    return f"--ema-start {ema_start} needs --ema-half-life"


@rule
def noise_that_falls_exists(instance_noise_steps: int, instance_noise: float) -> str | None:
    if not instance_noise_steps or instance_noise:
        return None
    return f"--instance-noise-steps {instance_noise_steps} needs --instance-noise"


@rule
def a_probability_is_at_most_1(augmentation_probability: float, schedule_to: str) -> str | None:
    last = SCHEDULED.pairs(schedule_to).get("augmentation-probability") or 0.0
    if max(augmentation_probability, last) <= 1:
        return None
    return f"--augmentation-probability {max(augmentation_probability, last)}: a probability is at most 1"


@rule
def a_probability_is_of_some_augmentation(
    augmentation: str, augmentation_probability: float, augmentation_target: float, schedule_to: str
) -> str | None:
    if "augmentation-probability" in SCHEDULED.pairs(schedule_to):
        if augmentation_target:
            return f"--augmentation-target {augmentation_target} and --schedule-to augmentation-probability: give one"
        augmentation_probability = augmentation_probability or 1.0  # later on
    adaptive = [name for name in AUGMENTATIONS.several(augmentation) if AUGMENTATIONS.fact(name, "has_probability")]
    if adaptive and not (augmentation_probability or augmentation_target):
        return (
            f"--augmentation {augmentation} happens with a probability, which is 0: use --augmentation-target 0.6, "
            "so that it adapts, or --augmentation-probability 0.2"
        )
    if adaptive or not (augmentation_probability or augmentation_target):
        return None
    said = f"target {augmentation_target}" if augmentation_target else f"probability {augmentation_probability}"
    return f"--augmentation-{said} needs an --augmentation that has a probability, such as ada; it is {augmentation}"


@rule
def ada_is_three_groups(augmentation: str) -> str | None:
    names = AUGMENTATIONS.several(augmentation)
    twice = [name for name in ("ada-blit", "ada-geometry", "ada-color") if name in names and "ada" in names]
    return f"--augmentation {augmentation}: {twice[0]} is part of ada already" if twice else None


@rule
def a_schedule_ends_after_it_begins(schedule_to: str, schedule_images: int) -> str | None:
    if not SCHEDULED.pairs(schedule_to) or schedule_images:
        return None
    return f"--schedule-to {schedule_to} needs --schedule-images, over how many images (steps times batch size)"


@rule
def a_schedule_leads_to_a_value(schedule_to: str) -> str | None:
    for name, last in SCHEDULED.pairs(schedule_to).items():
        high = FIELDS[field_of(name)].metadata["high"]
        if last is None:
            return f"--schedule-to {name}: say the last value, {name}:0.5"
        if high is not None and last >= high:
            return f"--schedule-to {name}:{last:g}: must be below {high}"
    return None


@rule
def a_value_has_one_schedule(
    schedule_to: str, learning_rate_decay_steps: int, instance_noise_steps: int
) -> str | None:
    falls = {"learning-rate": learning_rate_decay_steps, "instance-noise": instance_noise_steps}
    for name in SCHEDULED.pairs(schedule_to):
        for kind, steps in falls.items():
            if steps and name.endswith(kind):
                option = f"--{kind}-{'decay-' if kind == 'learning-rate' else ''}steps {steps}"
                return f"--schedule-to {name} and {option}: give one of them"
    return None


@rule
def a_scheduled_weight_is_of_a_penalty(schedule_to: str, penalty: str) -> str | None:
    weights = PENALTIES.pairs(penalty).values()
    if "penalty-weight" not in SCHEDULED.pairs(schedule_to) or not weights or None in weights:
        return None
    return f"--schedule-to penalty-weight is for penalties without a weight of their own, not --penalty {penalty}"


@rule
def a_scheduled_decay_is_of_the_optimizer(schedule_to: str, optimizer: str) -> str | None:
    if "beta-2" not in SCHEDULED.pairs(schedule_to) or optimizer == "adam":
        return None
    return f"--schedule-to beta-2 does not go with --optimizer {optimizer}, which has none: leave it out"


@rule
def frozen_layers_have_learnt(freeze_discriminator: int, from_: str | None) -> str | None:
    if not freeze_discriminator or from_:
        return None
    return f"--freeze-discriminator {freeze_discriminator} needs --from: layers that never learn are of no use"


@rule
def the_optimizer_takes_momentum(optimizer: str, momentum: float) -> str | None:
    if not momentum or OPTIMIZERS.fact(optimizer, "momentum"):
        return None
    return f"--momentum {momentum} does not go with --optimizer {optimizer}, whose momentum is --beta-1"


def penalties_with(fact: str, penalty: str) -> list[str]:
    """The penalties of a choice such as "r1:10,gradient" of which a fact is true."""
    return [name for name in PENALTIES.several(penalty) if PENALTIES.fact(name, fact)]
