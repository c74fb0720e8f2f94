"""The optimisers that a configuration can name, each made from a learning rate and the other choices."""

import keras

from tfgan_repro.models.options import TrainingChoices


def adam(rate: float, choices: TrainingChoices) -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(rate, choices.beta_1, choices.beta_2)


def sgd(rate: float, choices: TrainingChoices) -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(rate, choices.momentum)


def rmsprop(rate: float, choices: TrainingChoices) -> keras.optimizers.Optimizer:
    return keras.optimizers.RMSprop(rate, momentum=choices.momentum)
