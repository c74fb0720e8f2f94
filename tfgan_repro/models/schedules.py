"""Values that change while a training goes on, as functions of the generator updates made so far."""

from keras import ops

from tfgan_repro.types import Tensor


def remaining_fraction(step: Tensor, steps: int) -> Tensor:
    """What is left of a value that falls linearly from 1 at step 0 to 0 at step `steps`; always 1 where that is 0."""
    return ops.maximum(1.0 - ops.cast(step, "float32") / steps, 0.0) if steps else ops.ones((), "float32")


def linear_decay_factor(step: Tensor, steps: int) -> Tensor:
    """What a value is multiplied by before a step, so that it falls linearly to 0 over `steps` from whatever it was.

    A value that somebody changes in between is taken as it is then, and falls to 0 from there.
    """
    before = remaining_fraction(ops.maximum(step - 1, 0), steps)
    return remaining_fraction(step, steps) / ops.maximum(before, 1e-12)
