"""What a training step costs on TensorFlow."""

import contextlib
import io
from typing import TYPE_CHECKING

import tensorflow as tf

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN


def step_operations(gan: "GAN", batch_shape: tuple[int, ...]) -> float:
    """Floating-point operations of a training step, forwards and backwards, as TensorFlow's profiler counts them.

    A `GAN` that has been trained is not traced again.

    Args:
        gan: a compiled `GAN`.
        batch_shape: of the real images that a step sees.
    """
    if not gan.traced:
        images, labels = tf.TensorSpec(batch_shape, tf.float32), tf.TensorSpec(batch_shape[:1], tf.int32)
        tf.function(gan.train_step).get_concrete_function((images, labels) if gan.conditional else images)
    # The profiler does not look into loops.
    return sum(operations(graph) * count for graph, count in gan.traced)


def operations(graph: tf.Graph) -> float:
    """Floating-point operations of a TensorFlow graph."""
    from tensorflow.python.profiler import model_analyzer, option_builder

    options = option_builder.ProfileOptionBuilder(option_builder.ProfileOptionBuilder.float_operation())
    with contextlib.redirect_stderr(io.StringIO()):
        profile = model_analyzer.profile(graph, options=options.with_empty_output().build())
    return profile.total_float_ops
