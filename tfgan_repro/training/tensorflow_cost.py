"""What a training step costs on TensorFlow."""

import contextlib
import io

import tensorflow as tf


def step_operations(gan, batch_shape):
    """Floating-point operations of a training step, forwards and backwards, as TensorFlow's profiler counts them."""
    from tensorflow.python.profiler import model_analyzer, option_builder

    images, labels = tf.TensorSpec(batch_shape, tf.float32), tf.TensorSpec(batch_shape[:1], tf.int32)
    step = tf.function(gan.train_step).get_concrete_function((images, labels) if gan.conditional else images)
    options = option_builder.ProfileOptionBuilder(option_builder.ProfileOptionBuilder.float_operation())
    with contextlib.redirect_stderr(io.StringIO()):
        profile = model_analyzer.profile(step.graph, options=options.with_empty_output().build())
    return profile.total_float_ops
