"""Report E, "Generative capabilities of GANs": faces of anime characters, and what makes GANs better.

Run it with

    python -m tfgan_repro.experiments run anime-dcgan --dataset folder:FACES
    python -m tfgan_repro.experiments run cats-dogs-dcgan --dataset folder:CATS_AND_DOGS
    python -m tfgan_repro.experiments run saturating-vs-nonsaturating adam-vs-sgd batchnorm-separate-vs-joint

and expect the non-saturating loss, Adam and separate minibatches to be ahead by a factor of two to three on `shapes` at
a quarter of the width, and the rest to be undecided even after eight seeds. Seven comparisons have one training in
common, which is made once, and which makes their verdicts depend on each other.

The report's algorithm 1 draws fresh noise for the generator's update. Here the update takes the images that the
discriminator has just seen, as most implementations do, which saves a pass; `reused-vs-fresh-latents` compares the two.
On `shapes` (a quarter of the width, eight seeds of 1,000 steps) the distance is the same with either, 3.72 and 3.75; a
step with fresh noise took 1.18 times as long (three seeds of 300 steps of 32 images, one core).
"""

from typing import Any

from tfgan_repro.experiments.experiment import Claim, Compared, Distance, Experiment, Level, Order, without
from tfgan_repro.experiments.papers import AS_GOOD, DCGAN_PAPER, LATENTS, REALISTIC, SCORED, SIZE_64

# "Leaky ReLu: G and D": the DCGAN paper has ReLU in the generator.
STATED = {"model": "dcgan", "discriminator_steps": 1, "generator_activation": "leaky"}
PAPER = {option: value for option, value in DCGAN_PAPER.items() if option not in STATED}
ADAM = {"optimizer": ("adam", "the report begins with momentum and has Adam among the improvements; the DCGAN paper's")}
RATES = {"discriminator_learning_rate": (4e-4, "a factor of 2 apart; the report does not say which is larger")}
LEAKY = {"leaky_slope": (0.2, "LeakyReLU in both networks, with the DCGAN paper's slope")}
FACES_SILENT = {**PAPER, **ADAM, **LATENTS, **SIZE_64, **SCORED, **RATES, **LEAKY}

BOTH_SEXES = Level(
    "faces of both sexes",
    "effective-classes",
    AS_GOOD,
    "python -m tfgan_repro.labels count RUN --model CLASSIFIER_OF_THE_SEXES",
)

# The body of the comparisons: everything but the choice compared. The report compares on its own pictures; the embedded
# shapes can be had by everybody.
SCHEDULE = {
    "width": (0.5, "so that three seeds of each variant are hours and not days on two processor cores"),
    "steps": (3000, "enough for the ten shapes to be told apart"),
    "fid_every": (250, "the report gives no scores"),
    "extractor": ("embedded", "fast enough to score often"),
}
COMPARED_SILENT = {**PAPER, **ADAM, **LATENTS, **RATES, **SCHEDULE}


def comparison(name: str, claim: str, variants: dict[str, Any], *claims: Claim) -> Experiment:
    """One comparison on `shapes`."""
    return Experiment(name, "E", claim, "shapes", claims, STATED, without(COMPARED_SILENT, variants), variants)


def better(name: str, claim: str, first: str, second: str, variants: dict[str, Any]) -> Experiment:
    """A comparison of which the report says that the first variant is better than the second."""
    return comparison(name, claim, variants, Order(f"{name}:{first}", f"{name}:{second}", claim))


FACES = (
    Experiment(
        "anime-dcgan",
        "E",
        "faces of both sexes, each distinct from the training images, of high quality",
        None,
        (
            Level(
                "each face is distinct from the training images",
                "authenticity-embedded",
                AS_GOOD,
                "python evaluate.py --checkpoint RUN --metrics nearest --extractor embedded --split train",
            ),
            Distance("the faces are of high quality", REALISTIC, close=True),
            BOTH_SEXES,
        ),
        {**STATED, "discriminator_batches": "separate", "downsampling": "stride"},
        {**FACES_SILENT, "steps": (30_000, "the report is silent")},
        brings="faces of anime characters",
    ),
    Experiment(
        "anime-conditional",
        "E",
        "a set that came without labels trains a conditional GAN once a classifier has labelled it",
        None,
        (
            Level(
                "a synthesised label, such as the colour of the hair, decides what is drawn",
                "class-agreement",
                AS_GOOD,
                "python evaluate.py --checkpoint RUN",
            ),
        ),
        {**STATED, "discriminator_batches": "separate"},
        {
            **FACES_SILENT,
            "generator_conditioning": ("concatenation", "Mirza and Osindero 2014"),
            "discriminator_conditioning": ("concatenation", "Mirza and Osindero 2014"),
            "steps": (30_000, "the report is silent"),
        },
        brings="faces of anime characters with labels: a folder a hair colour, or a table and --label-column",
    ),
    Experiment(
        "cats-dogs-dcgan",
        "E",
        "cats and dogs are the first trial, before faces",
        None,
        (
            Compared(
                "data sets are compared, cats and dogs first (distances in units of real images' own)",
                ("cats-dogs-dcgan", "celebrity-faces-dcgan", "anime-dcgan"),
                measure="above-floor",
                data_sets=True,
            ),
        ),
        {**STATED, "discriminator_batches": "separate"},
        {**FACES_SILENT, "steps": (30_000, "as for the faces")},
        brings="pictures of cats and dogs",
    ),
    Experiment(
        "celebrity-faces-dcgan",
        "E",
        "celebrities' faces are the second trial, before those of anime characters",
        "celeb_a",
        (BOTH_SEXES,),
        {**STATED, "discriminator_batches": "separate"},
        {**FACES_SILENT, "steps": (30_000, "as for the anime faces")},
    ),
    Experiment(
        "preprocessing-raw-vs-cropped",
        "E",
        "how the data is prepared matters more than the model",
        None,
        (
            Order(
                "preprocessing-raw-vs-cropped:cropped",
                "preprocessing-raw-vs-cropped:raw",
                "prepared pictures train better than raw ones (distances in units of real images' own)",
                measure="above-floor",
            ),
            # Prepared pictures might be ahead of raw ones under another model because that is the worse one.
            Compared(
                "it matters more than the model (measured instead: the DCGAN on prepared and on raw pictures, and an "
                "SNDCGAN on raw ones)",
                tuple(f"preprocessing-raw-vs-cropped:{variant}" for variant in ("cropped", "raw", "raw-sndcgan")),
                measure="above-floor",
            ),
        ),
        {**STATED, "discriminator_batches": "separate"},
        {**FACES_SILENT, "steps": (30_000, "as for the anime faces")},
        {
            "raw": {"crop": "center", "trim_borders": False, "duplicates": "keep"},
            "cropped": {"crop": "face", "trim_borders": True, "duplicates": "auto"},
            "raw-sndcgan": {"model": "sndcgan", "crop": "center", "trim_borders": False, "duplicates": "keep"},
        },
        brings="photographs of faces, not cropped",
    ),
)

COMPARISONS = (
    better(
        "saturating-vs-nonsaturating",
        "the non-saturating generator loss trains better than the saturating one",
        "non-saturating",
        "saturating",
        {"saturating": {"loss": "saturating"}, "non-saturating": {"loss": "non-saturating"}},
    ),
    comparison(
        "adam-vs-sgd",
        "Adam trains better than SGD, with a magnitude of 2",
        {
            "adam": {
                "optimizer": "adam",
                "momentum": 0.0,
                "generator_learning_rate": 2e-4,
                "discriminator_learning_rate": 4e-4,
            },
            # Adam's rates would hardly move SGD; these are fifty times as large.
            "sgd": {
                "optimizer": "sgd",
                "momentum": 0.9,
                "generator_learning_rate": 0.01,
                "discriminator_learning_rate": 0.02,
            },
        },
        Order(
            "adam-vs-sgd:adam",
            "adam-vs-sgd:sgd",
            'Adam is better than SGD "with a magnitude of 2", read as at most half the distance',
            factor=2.0,
        ),
    ),
    better(
        "stride-vs-pooling",
        "strided convolutions give better results",
        "stride",
        "average-pooling",
        {"stride": {"downsampling": "stride"}, "average-pooling": {"downsampling": "average-pooling"}},
    ),
    better(
        "batchnorm-separate-vs-joint",
        "batch normalisation works better with separate minibatches of real and generated images",
        "separate",
        "joint",
        {"separate": {"discriminator_batches": "separate"}, "joint": {"discriminator_batches": "joint"}},
    ),
    better(
        "lr-ratio-1-vs-2-vs-4",
        "learning rates a factor of 2 apart train better than equal ones",
        "ratio-2",
        "ratio-1",
        {
            "ratio-1": {"discriminator_learning_rate": 2e-4},
            "ratio-2": {"discriminator_learning_rate": 4e-4},
            "ratio-4": {"discriminator_learning_rate": 8e-4},
        },
    ),
    better(
        "leaky-vs-relu",
        "LeakyReLU in both networks trains better than ReLU",
        "leaky",
        "relu",
        {"leaky": {"leaky_slope": 0.2}, "relu": {"leaky_slope": 0.0}},
    ),
    comparison(
        "reused-vs-fresh-latents",
        "algorithm 1 draws fresh noise for the generator's update",
        {"reused": {"fresh_latents": False}, "fresh": {"fresh_latents": True}},
        Compared(
            "fresh noise is part of the algorithm; whether it matters is not said",
            ("reused-vs-fresh-latents:reused", "reused-vs-fresh-latents:fresh"),
        ),
    ),
    Experiment(
        "gan-variants",
        "E",
        "different GANs and their variants are compared; which is best is not said",
        "shapes",
        (
            Compared(
                "variants of GANs are compared, and none is ranked",
                tuple(f"gan-variants:{model}" for model in ("dcgan", "wgan-gp", "sndcgan", "sagan")),
            ),
        ),
        {"model": "dcgan"},
        SCHEDULE,
        # Each with its published recipe: that of report C for the first and the last, of its paper for the others.
        {
            "dcgan": {"model": "dcgan"},
            "wgan-gp": {"model": "wgan-gp"},
            "sndcgan": {"model": "sndcgan"},
            "sagan": {"model": "sagan"},
        },
    ),
)

EXPERIMENTS = (*FACES, *COMPARISONS)
