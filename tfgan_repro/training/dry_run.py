"""What a run would be: its configuration, its networks, and what a step costs."""

import contextlib
import io
import json

import tensorflow as tf

from tfgan_repro.training.run import prepare


def describe(config):
    """Describe a run without starting it.

    Args:
        config: a `TrainConfig`.

    Returns:
        Text: the operative configuration, both networks' tables and the cost of a training step.

    Raises:
        UserError: the run could not start.
    """
    config, pictures, gan = prepare(config)
    parts = [json.dumps(config.to_json(), indent=2)]
    for network in (gan.generator, gan.discriminator):
        network.summary(print_fn=parts.append, line_length=80)
    batch = config.batch_size * config.discriminator_steps
    parts.append(
        f"{len(pictures):,} images of {config.dataset}, {'x'.join(map(str, pictures.image_shape))}; "
        f"{batch} a step, {len(pictures) // batch} steps an epoch\n"
        f"cost of a step: {step_operations(gan, (batch, *pictures.image_shape)) / 1e9:.1f} GFLOP"
    )
    return "\n".join(parts)


def step_operations(gan, batch_shape):
    """Floating-point operations of a training step, forwards and backwards, as TensorFlow's profiler counts them."""
    from tensorflow.python.profiler import model_analyzer, option_builder

    images, labels = tf.TensorSpec(batch_shape, tf.float32), tf.TensorSpec(batch_shape[:1], tf.int32)
    step = tf.function(gan.train_step).get_concrete_function((images, labels) if gan.conditional else images)
    options = option_builder.ProfileOptionBuilder(option_builder.ProfileOptionBuilder.float_operation())
    with contextlib.redirect_stderr(io.StringIO()):
        profile = model_analyzer.profile(step.graph, options=options.with_empty_output().build())
    return profile.total_float_ops
