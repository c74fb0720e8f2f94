"""What a training step costs on TensorFlow."""

import contextlib
import io
from typing import Any

import tensorflow as tf

from tfgan_repro.backends.tensorflow_training import recorded_graphs


def step_operations(gan: Any, batch_shape: tuple[int, ...]) -> float:
    """Floating-point operations of a training step, forwards and backwards, as TensorFlow's profiler counts them.

    Args:
        gan: a compiled `GAN`.
        batch_shape: of the real images that a step sees.
    """
    images, labels = tf.TensorSpec(batch_shape, tf.float32), tf.TensorSpec(batch_shape[:1], tf.int32)
    with recorded_graphs() as graphs:
        tf.function(gan.train_step).get_concrete_function((images, labels) if gan.conditional else images)
    # The profiler does not look into loops.
    return sum(operations(graph) * count for graph, count in graphs)


def operations(graph: tf.Graph) -> float:
    """Floating-point operations of a TensorFlow graph."""
    from tensorflow.python.profiler import model_analyzer, option_builder

    options = option_builder.ProfileOptionBuilder(option_builder.ProfileOptionBuilder.float_operation())
    with contextlib.redirect_stderr(io.StringIO()):
        profile = model_analyzer.profile(graph, options=options.with_empty_output().build())
    return profile.total_float_ops
