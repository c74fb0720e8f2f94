"""What a run would be: its configuration, its networks, and what a step costs."""

import json

from tfgan_repro.backends import backend_module
from tfgan_repro.config import TrainConfig
from tfgan_repro.training.run import prepare


def describe(config: TrainConfig) -> str:
    """Describe a run without starting it.

    Args:
        config: a `TrainConfig`.

    Returns:
        Text: the operative configuration, both networks' tables and the cost of a training step.

    Raises:
        UserError: the run could not start.
    """
    strategy = config.strategy
    # On one device, so that no other machine is waited for.
    config, pictures, gan = prepare(config)
    parts = [json.dumps({**config.to_json(), "strategy": strategy}, indent=2)]
    for network in (gan.generator, gan.discriminator):
        network.summary(print_fn=parts.append, line_length=80)
    batch = config.batch_size * config.discriminator_steps
    operations = backend_module("tfgan_repro.backends.{}_cost").step_operations
    parts.append(
        f"{len(pictures):,} images of {config.dataset}, {'x'.join(map(str, pictures.image_shape))}; "
        f"{batch} a step, {len(pictures) // batch} steps an epoch\n"
        f"cost of a step: {operations(gan, (batch, *pictures.image_shape)) / 1e9:.1f} GFLOP"
    )
    return "\n".join(parts)
