"""What the optimisers were given last, for those who look at a training while it runs."""

from collections.abc import Sequence

import keras

from tfgan_repro.types import Network, Tensor


class LastGradients:
    """The gradients of a network's last update: a copy of its weights' size, written by each step.

    They are the training's own; computing them anew for a look would cost a step, and move batch statistics and random
    numbers on.

    Args:
        network: a Keras model.

    Attributes:
        variables: the gradients in the order of the network's trainable variables; 0 before the first update.
    """

    def __init__(self, network: Network) -> None:
        self.variables = [
            keras.Variable(
                "zeros",
                shape=weight.shape,
                dtype=weight.dtype,
                trainable=False,
                autocast=False,
                aggregation="only_first_replica",  # all have the same
            )
            for weight in network.trainable_variables
        ]

    def keep(self, gradients: Sequence[Tensor]) -> None:
        """Take over the gradients of an update, dense tensors in the order of `variables`."""
        for variable, gradient in zip(self.variables, gradients, strict=True):
            variable.assign(gradient)
