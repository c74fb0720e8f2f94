"""Report A, "Complex Representations in GANs": one DCGAN on three sets of growing difficulty.

Run it with

    python -m tfgan_repro.experiments run mnist-dcgan celeba-dcgan
    python -m tfgan_repro.experiments run impressionism-dcgan --dataset folder:PAINTINGS

and expect digits that can be read after a few epochs, portraits that take many more and lack fine detail, and paintings
with palettes and no things. The report judges all of it by eye; what is measured instead is ours. It is silent about
sizes, rates, batches and lengths.
"""

from typing import Any

from tfgan_repro.experiments.experiment import Distance, Experiment, Gain, Level, Order, Settles
from tfgan_repro.experiments.papers import (
    AS_GOOD,
    CELEBA_IMAGES,
    DCGAN_PAPER,
    LATENTS,
    MNIST_EPOCH,
    REALISTIC,
    SCORED,
    SIZE_64,
)

STATED = {"model": "dcgan", "discriminator_steps": 1, "discriminator_batches": "separate"}


def silent(steps: int, why: str, **more: Any) -> dict[str, Any]:
    """The choices that the report is silent about."""
    return {**DCGAN_PAPER, **LATENTS, **SCORED, "steps": (steps, why), **more}


def three_moments(epochs: str) -> dict[str, Any]:
    """The report's three selected moments."""
    return {"sample_epochs": (epochs, "three moments are shown; which, the report does not say")}


EXPERIMENTS = (
    Experiment(
        "mnist-dcgan",
        "A",
        "digits are realistic after a couple of epochs; the losses swing at first and settle",
        "mnist",
        (
            Distance(
                "digits are realistic after a couple of epochs", REALISTIC, close=True, images=2 * MNIST_EPOCH * 128
            ),
            Level(
                "the digits could fool a human: each is clear and all ten are there",
                "IS-digits",
                AS_GOOD,
                "python evaluate.py --checkpoint RUN --metrics is --extractor digits",
            ),
            Settles("the discriminator's loss swings at first and settles", "d_loss"),
            Settles("the discriminator's loss converges to a lower state", "d_loss", "mean"),
            Settles("the generator's loss swings at first and settles", "g_loss"),
            Settles("the generator's loss converges to a lower state", "g_loss", "mean"),
        ),
        STATED,
        silent(20 * MNIST_EPOCH, "twenty epochs: the report's couple, and what follows", **three_moments("1,2,20")),
    ),
    Experiment(
        "celeba-dcgan",
        "A",
        "portraits need many more epochs than digits and lack fine detail",
        "celeb_a",
        (
            Gain(
                "portraits need many more epochs than digits: they improve after the couple that digits take",
                start=2 * CELEBA_IMAGES,
                end=39 * CELEBA_IMAGES,
                improves=True,
            ),
            Distance("portraits lack fine detail", REALISTIC, close=False),
        ),
        STATED,
        silent(
            50_000, "about 40 epochs of CelebA's 162,770 training images", **SIZE_64, **three_moments("2,10,39")
        ),
    ),
    Experiment(
        "impressionism-dcgan",
        "A",
        "paintings do not work: they differ too much in structure and colour",
        None,
        (
            Order(
                "celeba-dcgan",
                "impressionism-dcgan",
                "paintings come out worse than portraits (equal counts, distances in units of real images' own)",
                measure="above-floor",
                data_sets=True,
            ),
            Distance("paintings do not come out realistic", REALISTIC, close=False),
        ),
        STATED,
        silent(
            50_000,
            "as for the portraits",
            **SIZE_64,
            sample_steps=("2500,12500,50000", "three moments, about those of the portraits; of epochs we know nothing"),
        ),
        brings="impressionist paintings, such as WikiArt's",
    ),
)
