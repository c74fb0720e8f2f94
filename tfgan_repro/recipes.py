"""What each model is trained with where nothing is said: the choices of its report or paper."""

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

# Only what differs from the defaults of `TrainConfig`, which are report C's DCGAN.
RECIPES = {
    "dcgan": {},
    # Report C. How the class label is shown is not said there; as in the SAGAN paper.
    "sagan": {
        "loss": "wasserstein",
        "generator_conditioning": "batch-normalization",
        "discriminator_conditioning": "projection",
        "spectral_normalization": "both",
        "attention": True,
    },
    # Report B names the losses only; the rest is the WGAN-GP paper's. The label is concatenated as in ACGAN.
    "wgan-gp-acgan": {
        **WGAN_GP_RECIPE,
        "generator_conditioning": "concatenation",
        "discriminator_conditioning": "classifier",
    },
    # Report D, with the learning rate that worked.
    "conv-fc": {
        "latent_dim": 128,
        "label_smoothing": 0.0,
        "discriminator_learning_rate": 1e-4,
        "dropout": 0.25,
        "beta_1": 0.9,
        "discriminator_normalization": "none",
    },
    "wgan-gp": WGAN_GP_RECIPE,
    # Setting C of Miyato et al. 2018 (alpha 2e-4, beta 0.5 and 0.999, one discriminator step).
    "sndcgan": {
        **HINGE_RECIPE,
        "generator_learning_rate": 2e-4,
        "discriminator_learning_rate": 2e-4,
        "learning_rate_decay_steps": 100_000,
        "leaky_slope": 0.1,
    },
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
}
