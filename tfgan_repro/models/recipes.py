"""What each model is trained with where nothing is said: its recipes, by model and name.

"report" is what the model's report states, with the values of the paper that it builds on where the report is silent,
"paper" what a paper states that the report departs from, "tuned" the best that is known here for these networks (the
searches are in docs/models.md). Nothing heavy is imported, so that the command line knows the choices at once.
"""

from typing import Any

from tfgan_repro.registry import Names

# The strong baselines of Miyato et al. 2018 and Zhang et al. 2019.
HINGE_RECIPE = {
    "loss": "hinge",
    "label_smoothing": 0.0,
    "latent_dim": 128,
    "batch_size": 64,
    "spectral_normalization": "discriminator",
    "discriminator_normalization": "none",
    "steps": 100_000,
    "dequantize": True,
}
# Gulrajani et al. 2017, algorithm 1 and its CIFAR-10 experiments.
WGAN_GP_RECIPE = {
    "loss": "wasserstein",
    "penalty": "gradient",
    "label_smoothing": 0.0,
    "discriminator_steps": 5,
    "discriminator_normalization": "none",
    "generator_learning_rate": 1e-4,
    "discriminator_learning_rate": 1e-4,
    "beta_1": 0.0,
    "beta_2": 0.9,
    "batch_size": 64,
}
# The label is concatenated as in ACGAN.
AUXILIARY_CLASSIFIER = {"generator_conditioning": "concatenation", "discriminator_conditioning": "classifier"}

# A classifier that also learns from generated images agrees with the generator on a mark for each class, which nobody
# sees: docs/models.md, digits.
CLASSES_OF_REAL_IMAGES = {"class_loss": "real"}

# Report C's DCGAN: what all others differ from.
BASE: dict[str, Any] = {
    "optimizer": "adam",
    "generator_learning_rate": 1e-4,
    "discriminator_learning_rate": 4e-4,
    "beta_1": 0.5,
    "beta_2": 0.999,
    "label_smoothing": 0.1,
    "batch_size": 128,
}

# As published. Only what differs from `BASE`.
PUBLISHED: dict[str, dict[str, Any]] = {
    "dcgan": {},
    # Report C. How the class label is shown is not said there; as in the SAGAN paper.
    "sagan": {
        "loss": "wasserstein",
        "generator_conditioning": "batch-normalization",
        "discriminator_conditioning": "projection",
        "spectral_normalization": "both",
        "attention": True,
    },
    # Report B names the losses only; the rest is its author's code (see `experiments.report_b`).
    "wgan-gp-acgan": {
        **WGAN_GP_RECIPE,
        **AUXILIARY_CLASSIFIER,
        "discriminator_steps": 1,
        "discriminator_normalization": "layer",
        "generator_activation": "relu",
        "batch_size": 128,
        "flip": True,
        "steps": 97_500,
    },
    # Report D, with the learning rate that worked; the batch is its author's code's.
    "conv-fc": {
        "latent_dim": 128,
        "batch_size": 32,
        "label_smoothing": 0.0,
        "discriminator_learning_rate": 1e-4,
        "discriminator_updates": "separate",
        "dropout": 0.25,
        "beta_1": 0.9,
        "discriminator_normalization": "none",
    },
    "wgan-gp": WGAN_GP_RECIPE,
    # Setting C of Miyato et al. 2018 (alpha 2e-4, beta 0.5 and 0.999, one discriminator step). Ours is the decay,
    # which the authors' trainer of this network does not have; that of their residual network does.
    "sndcgan": {
        **HINGE_RECIPE,
        "generator_learning_rate": 2e-4,
        "discriminator_learning_rate": 2e-4,
        "learning_rate_decay_steps": 100_000,
        "leaky_slope": 0.1,
    },
    # Deviation: the generator's update has the batch's 64 images, the authors' 128; it takes those that the
    # discriminator has just seen.
    "sngan-resnet": {
        **HINGE_RECIPE,
        "generator_conditioning": "batch-normalization",
        "discriminator_conditioning": "projection",
        "generator_learning_rate": 2e-4,
        "discriminator_learning_rate": 2e-4,
        "beta_1": 0.0,
        "beta_2": 0.9,
        "discriminator_steps": 5,
        "learning_rate_decay_steps": 100_000,
        "leaky_slope": 0.0,
    },
    "sagan-resnet": {
        **HINGE_RECIPE,
        "generator_conditioning": "batch-normalization",
        "discriminator_conditioning": "projection",
        "spectral_normalization": "both",
        "attention": True,
        "beta_1": 0.0,
        "beta_2": 0.9,
        "leaky_slope": 0.0,
    },
    # Huang et al. 2024, the authors' CIFAR-10 preset; its augmentation changes colours half as often.
    "r3gan": {
        "loss": "relativistic",
        "penalty": "r1,r2",
        "penalty_weight": 0.05,
        "label_smoothing": 0.0,
        "latent_dim": 64,
        "batch_size": 512,
        "steps": 40_000,
        "generator_conditioning": "concatenation",
        "discriminator_conditioning": "projection",
        "discriminator_normalization": "none",
        "fresh_latents": True,
        "flip": True,
        "generator_learning_rate": 2e-4,
        "discriminator_learning_rate": 2e-4,
        "beta_1": 0.0,
        "beta_2": 0.9,
        "schedule_images": 20_000_000,
        "schedule_to": "generator-learning-rate:5e-05,discriminator-learning-rate:5e-05,beta-2:0.99,"
        "penalty-weight:0.005,augmentation-probability:0.55,ema-half-life:5000000",
        "augmentation": "ada,ada-cutout",
    },
}

# What a paper has otherwise than the report that builds on it.
PAPER: dict[str, dict[str, Any]] = {"wgan-gp-acgan": {**WGAN_GP_RECIPE, **AUXILIARY_CLASSIFIER}}

# What the searches found; only what differs from the published recipe.
TUNED: dict[str, dict[str, Any]] = {
    "conv-fc": {"discriminator_updates": "joint", "batch_size": 128},
    "dcgan": {
        "generator_learning_rate": 4e-4,
        "discriminator_learning_rate": 4e-4,
        "batch_size": 64,
        "ema_half_life": 10_000.0,
        "full_resolution": True,
        **CLASSES_OF_REAL_IMAGES,
    },
    # The critic's outputs grow to hundreds, beside which a projection is not heard; a heavy classifier is
    # (docs/models.md, SAGAN).
    "sagan": {
        "generator_learning_rate": 4e-4,
        "batch_size": 64,
        "ema_half_life": 10_000.0,
        "discriminator_conditioning": "classifier",
        "classifier_weight": 20.0,
        "full_resolution": True,
        **CLASSES_OF_REAL_IMAGES,
    },
    "wgan-gp-acgan": CLASSES_OF_REAL_IMAGES,
    # What a processor carries, in whole groups at 32 and at 64 pixels. Narrow networks bear larger rates.
    "r3gan": {
        "width": 1 / 24,
        "batch_size": 32,
        "steps": 20_000,
        "fresh_latents": False,
        "flip": False,
        "augmentation": "none",
        "generator_learning_rate": 1e-3,
        "discriminator_learning_rate": 1e-3,
        "ema_half_life": 5_000.0,
        "schedule_images": 640_000,
        "schedule_to": "generator-learning-rate:0.0002,discriminator-learning-rate:0.0002,beta-2:0.99,"
        "penalty-weight:0.005",
    },
}
# How a model built for a number of classes uses them where its tuned recipe does without (docs/models.md, CIFAR-10).
TUNED_FOR_CLASSES: dict[str, dict[str, Any]] = {
    "dcgan": {"generator_conditioning": "batch-normalization", "discriminator_conditioning": "classifier"},
}
# By whom the published recipe is: a report, or only a paper.
PUBLISHED_BY = dict.fromkeys(("wgan-gp", "sndcgan", "sngan-resnet", "sagan-resnet", "r3gan"), "paper")
NAMES = Names("recipe", "tuned", "report", "paper")
RECIPES = {
    model: {
        PUBLISHED_BY.get(model, "report"): choices,
        **({"paper": PAPER[model]} if model in PAPER else {}),
        "tuned": {**PAPER.get(model, choices), **TUNED.get(model, {})},
    }
    for model, choices in PUBLISHED.items()
}


def recipe_of(model: str, name: str = "tuned") -> dict[str, Any]:
    """The choices of a model's recipe, by name.

    Args:
        model: a name in `tfgan_repro.models.MODELS`.
        name: one of `NAMES`.

    A model that has no recipe of that name has its published one.
    """
    recipes = RECIPES.get(model, {})
    published = recipes.get(PUBLISHED_BY.get(model, "report"), {})
    return {**BASE, **recipes.get(name, published)}
