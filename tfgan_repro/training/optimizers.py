"""The optimisers that a configuration can name."""

import keras

# Each from a learning rate and a `TrainConfig`.
OPTIMIZERS = {
    "adam": lambda rate, config: keras.optimizers.Adam(rate, config.beta_1, config.beta_2),
    "sgd": lambda rate, config: keras.optimizers.SGD(rate, config.momentum),
    "rmsprop": lambda rate, config: keras.optimizers.RMSprop(rate, momentum=config.momentum),
}
