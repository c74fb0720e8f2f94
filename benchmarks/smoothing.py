"""How far label smoothing under the Wasserstein loss turns the generator's gradient, set against chance.

    python benchmarks/smoothing.py --seeds 3

Report C's SAGAN is trained for some steps on CIFAR-10 with smoothing. From there three critics are trained on, the
generator held still: without smoothing, with it on the same batches, and without it on other batches. Printed are the
cosines between the generator's gradients under the first and under each of the others, on images that none of them has
seen, for the critic with the report's batch normalisation and without any.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from tfgan_repro.data import load_pictures
from tfgan_repro.models.sagan import SAGAN

SMOOTHING, UNSEEN = 0.1, 512


def critic_trained_on(gan, state, images, labels, batch_size):
    """The critic from a state on, with a fresh optimiser; the generator's rate is 0."""
    for variable, value in state:
        variable.assign(value)
    for variable in gan.discriminator_optimizer.variables:
        if variable is not gan.discriminator_optimizer.learning_rate:
            variable.assign(np.zeros(variable.shape))
    gan.generator_optimizer.learning_rate = 0.0
    gan.fit(images, labels, batch_size=batch_size, shuffle=False, verbose=0)


def generator_gradient(gan, state, images, labels):
    """The generator's gradient under the critic as it is, flat; generator and latents are the state's."""
    critic = {id(variable) for variable in gan.discriminator.variables}
    for variable, value in state:
        if id(variable) not in critic:
            variable.assign(value)
    gradients, _ = gan.gradients(images, labels)
    return np.concatenate([np.ravel(keras.ops.convert_to_numpy(part)) for part in gradients])


def state_of(gan):
    variables = [*gan.generator.variables, *gan.discriminator.variables, gan.seed_generator.state]
    return [(variable, keras.ops.convert_to_numpy(variable)) for variable in variables]


def cosine(first, second):
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def measure(normalization, seed, options):
    """The cosines of smoothing and of other batches, for one seed."""
    pictures = load_pictures("cifar10", "train")
    order = np.random.default_rng(seed).permutation(len(pictures.images))
    counts = [options.batch_size * count for count in (options.steps, options.critic_steps, options.critic_steps)]
    parts = np.split(order[: sum(counts) + UNSEEN], np.cumsum(counts))
    start, same, other, unseen = ((pictures.images[part], pictures.labels[part]) for part in parts)

    gan = SAGAN(
        (32, 32, 3), 10, "report", width=options.width, seed=seed, discriminator_normalization=normalization
    )
    gan.compile(label_smoothing=SMOOTHING)
    gan.fit(*start, batch_size=options.batch_size, shuffle=False, verbose=0)
    state, images = state_of(gan), unseen[0].astype(np.float32) / 127.5 - 1

    def gradient_after(batches):
        critic_trained_on(gan, state, *batches, options.batch_size)
        return generator_gradient(gan, state, images, unseen[1])

    smoothed = gradient_after(same)
    gan.compile(label_smoothing=0.0)
    plain, chance = gradient_after(same), gradient_after(other)
    return cosine(plain, smoothed), cosine(plain, chance)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--width", type=float, default=0.25)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=200, help="of both networks (200)")
    parser.add_argument("--critic-steps", type=int, default=60, help="of each critic alone after them (60)")
    options = parser.parse_args()
    print("| critic's normalisation | seed | smoothing | other batches |\n|---|---|---|---|")
    for normalization in ("batch", "none"):
        for seed in range(options.seeds):
            turned, chance = measure(normalization, seed, options)
            print(f"| {normalization} | {seed} | {turned:.3f} | {chance:.3f} |", flush=True)


if __name__ == "__main__":
    main()
