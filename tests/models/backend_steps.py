"""Three training steps of many kinds from given weights, images and random numbers, on the backend in use.

Run as a script with a file to write: `KERAS_BACKEND=jax python backend_steps.py weights.npz`. A process can have one
backend only, so that `test_backends_agree.py` compares what two processes have written.
"""

import sys

import keras
import numpy as np

from tfgan_repro.config import TrainConfig
from tfgan_repro.models import LOSSES, MODELS, PENALTIES
from tfgan_repro.runs.loading import build_gan, compile_gan

# The given weights are larger than those that networks begin with: the recipes' steps would lead to NaN.
BATCH, STEPS, CLASSES, DRAWS = 4, 3, 5, 257
PLAYERS = ("generator", "discriminator")
SLOWLY = {"generator_learning_rate": 5e-4, "discriminator_learning_rate": 5e-4}
PENALISED = {"discriminator_normalization": "layer", "penalty_weight": 0.1}
CASES = {
    # Dropout is left out: its random numbers come from within the layer and cannot be given.
    **{f"model {name}": {"model": name, "dropout": 0.0} for name in MODELS},
    **{f"model {name}": {"model": name, "penalty_weight": 0.1, **SLOWLY} for name in ("wgan-gp", "wgan-gp-acgan")},
    "model r3gan": {
        "model": "r3gan",
        "generator_learning_rate": 1e-4,
        "discriminator_learning_rate": 1e-4,
        "schedule_to": "generator-learning-rate:0.001,penalty-weight:0.01,ema-half-life:10",
        "schedule_images": 2 * BATCH,
    },
    **{f"loss {name}": {"loss": name, "spectral_normalization": "discriminator"} for name in LOSSES},
    **{f"penalty {name}": {"penalty": name, **PENALISED} for name in PENALTIES if name != "none"},
    "gradient penalty, spectral normalisation and attention": {
        "model": "sndcgan",
        "penalty": "gradient",
        "attention": True,
        "discriminator_steps": 2,
        **PENALISED,
    },
    "adam": {"optimizer": "adam", "momentum": 0.0, "schedule_to": "beta-2:0.9", "schedule_images": 2 * BATCH},
    "weight clipping": {"weight_clip": 0.05, "loss": "wasserstein", "optimizer": "rmsprop", "momentum": 0.5},
    "joint batches": {"discriminator_batches": "joint", "instance_noise": 0.1, "instance_noise_steps": 2},
    "augmentation": {"augmentation": "color,translation,cutout", "label_smoothing": 0.1, "label_flipping": 0.2},
    "ada": {"augmentation": "ada,ada-cutout", "augmentation_probability": 0.7, "augmentation_target": 0.5},
    "average": {"ema_half_life": 10.0, "ema_start": 1, "learning_rate_decay_steps": 4},
    "pooling": {"downsampling": "average-pooling", "leaky_slope": 0.0},
    "concatenated labels": {
        "generator_conditioning": "concatenation",
        "discriminator_conditioning": "concatenation",
    },
    "classifier": {
        "model": "sagan-resnet",
        "discriminator_conditioning": "classifier",
        "discriminator_batches": "joint",
        "discriminator_normalization": "batch",
        "spectral_normalization": "none",
        "generator_learning_rate": 1e-5,
        "discriminator_learning_rate": 1e-5,
    },
}


def give_random_numbers():
    """Let whatever is drawn come from one table, by the number of the draw that the seed's generator counts."""
    random = np.random.default_rng(5)
    uniforms = random.uniform(size=(DRAWS, BATCH * 32 * 32 * 3)).astype(np.float32)
    normals = random.normal(size=uniforms.shape).astype(np.float32)

    def drawn(table, shape, seed):
        row = keras.ops.cast(seed.next()[1], "int32") % DRAWS
        return keras.ops.reshape(keras.ops.take(table, row, axis=0)[: np.prod(shape)], shape)

    def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
        return minval + (maxval - minval) * drawn(uniforms, shape, seed)

    keras.random.uniform = uniform
    keras.random.normal = lambda shape, dtype=None, seed=None: drawn(normals, shape, seed)


def give_weights(gan):
    """Give both networks weights that are the same on every backend, none of them 0."""
    random = np.random.default_rng(7)
    networks = [gan.generator, gan.discriminator, *([gan.average.network] if gan.average else [])]
    for network in networks:
        for weight in network.weights:
            if weight.name in ("gamma", "scale", "moving_variance"):
                value = random.uniform(0.5, 1.5, weight.shape)
            else:
                inputs = np.prod(weight.shape[:-1]) if len(weight.shape) > 1 else 1
                value = random.normal(0, inputs**-0.5, weight.shape)
            weight.assign(value.astype(np.float32))


def numbered(gan):
    """All that three steps have changed, as NumPy arrays by name."""
    owners = {"generator": gan.generator, "discriminator": gan.discriminator}
    owners |= {"average": gan.average.network} if gan.average else {}
    arrays = {}
    for name, network in owners.items():
        for index, weight in enumerate(network.weights):
            arrays[f"{name}/{index:03d}/{weight.path}"] = keras.ops.convert_to_numpy(weight)
    return arrays


def run_case(choices, step_of):
    """The weights before and after three steps, and the metrics of each."""
    choices = {"class_loss": "real", "optimizer": "sgd", "momentum": 0.5, "label_smoothing": 0.0, **choices}
    rates = {f"{player}_learning_rate": 1e-4 if choices["optimizer"] != "sgd" else 0.01 for player in PLAYERS}
    size = {"width": 0.0625, "batch_size": BATCH, "latent_dim": 8, "precision": "float32"}
    config = TrainConfig.from_choices(**{**size, **rates, "ema_half_life": 0.0, **choices})
    gan = build_gan(config, (32, 32, 3), CLASSES)
    compile_gan(gan, config)
    give_weights(gan)
    before = numbered(gan)
    random = np.random.default_rng(11)
    metrics = []
    step = step_of(gan)
    for _ in range(STEPS):
        count = BATCH * config.discriminator_steps
        images = random.uniform(-1, 1, (count, 32, 32, 3)).astype(np.float32)
        labels = random.integers(CLASSES, size=count).astype(np.int32) if gan.conditional else None
        metrics.append({name: float(value) for name, value in step(images, labels).items()})
    return before, numbered(gan), {name: np.array([row[name] for row in metrics]) for name in metrics[0]}


def tensorflow_step(gan):
    import tensorflow as tf

    step = tf.function(gan.train_step)
    return lambda images, labels: step(images if labels is None else (images, labels))


def jax_step(gan):
    import jax

    from tfgan_repro.backends.jax import assign, pure, read

    variables = [*gan.trainable_variables, *gan.non_trainable_variables, *gan.optimizer.variables]
    step = jax.jit(pure(gan.train_step, variables))

    def call(images, labels):
        metrics, values = step(read(variables), (images, labels))
        assign(variables, values)
        return metrics

    return call


def main(path, chosen=()):
    keras.utils.set_random_seed(0)
    give_random_numbers()
    step_of = {"tensorflow": tensorflow_step, "jax": jax_step}[keras.config.backend()]
    stored = {}
    for case, choices in CASES.items():
        if chosen and case not in chosen:
            continue
        for kind, arrays in zip(("before", "after", "metrics"), run_case(choices, step_of)):
            stored |= {f"{case}|{kind}|{name}": array for name, array in arrays.items()}
        print(case, flush=True)
    np.savez(path, **stored)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
