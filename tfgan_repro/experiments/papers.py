"""What the reports build on: choices of papers, each `(value, why)`, for whatever a report is silent about."""

# Whole batches of 128 in CIFAR-10's 50,000 and in MNIST's 60,000 training images.
CIFAR10_EPOCH, MNIST_EPOCH = 390, 468
CIFAR10_IMAGES, CELEBA_IMAGES = 50_000, 162_770

# What the DCGAN paper trains with (Radford et al. 2016, section 4); reports A, B and E build on it.
DCGAN_PAPER = {
    "loss": ("non-saturating", "the loss that the GAN paper trains with"),
    "optimizer": ("adam", "the DCGAN paper's"),
    "beta_1": (0.5, "the DCGAN paper's"),
    "generator_learning_rate": (2e-4, "the DCGAN paper's"),
    "discriminator_learning_rate": (2e-4, "the DCGAN paper's"),
    "batch_size": (128, "the DCGAN paper's"),
    "label_smoothing": (0.0, "the DCGAN paper has none"),
    "generator_activation": ("relu", "the DCGAN paper's"),
}
LATENTS = {"latent_dim": (100, "the DCGAN paper's")}
SIZE_64 = {"image_size": (64, "the DCGAN paper's")}
SCORED = {"fid_every": (1000, "the report gives no scores")}

# Stand-ins for an eye, ours: a set of images is called realistic where it is less than so many times as far from real
# images as another set of real images is, and as good in a score of another kind where it has this share of what real
# images have.
REALISTIC = 5.0
AS_GOOD = 0.9
