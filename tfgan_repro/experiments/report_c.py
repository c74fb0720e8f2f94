"""Report C, "CSA 250 Deep Learning, Assignment 4": a DCGAN and a conditional SAGAN on CIFAR-10.

Run it with

    python -m tfgan_repro.experiments run cifar10-dcgan cifar10-sagan

and expect, by the report, FID 89.68 and 107.25 at best near 30,000 of 100,000 iterations, and no collapse. Its FID is
that of Keras' InceptionV3 with ImageNet weights, which must be had once from the network.

What is not as it may seem:

- "Adam with alpha = 0.2" cannot be Adam's step size, which is given beside it. It is read here as the slope of
  LeakyReLU, which every implementation of these networks has and the report does not mention. That is our reading.
  It is a number of the model and not of one network, so that the generator has it as well, where the DCGAN paper has
  ReLU.
- The networks' layers stand in pictures only. DCGAN's body at 32x32 is ours: 4x4 kernels, from 4x4x256 over 128 and 64
  channels and back.
- "Batch and spectral normalisation in every convolution" is taken with the DCGAN paper's exceptions: no batch
  normalisation on the discriminator's first layer and the generator's last, nor on the 1x1 convolutions of attention.
  That is a deviation. Dense layers and the labels' projection are spectrally normalised too, as in the SAGAN paper.
- The report names a tutorial's code for its FID: Keras' network, nearest neighbour and the averaged features are that
  code's. A score every 500 iterations is what the assignment asks for.
- A critic with batch normalisation is not bounded by the spectral norms of its convolutions, because the gains of batch
  normalisation are free. A kept run says so: within 10,000 steps D(fake) falls from -30 to -153 and the norm of the
  discriminator's gradient grows from 49 to 4,279 (`results/cifar10-sagan/log.jsonl`). This is the report's recipe.
- The report plots "discriminator loss", and so does `d_loss`. What the critic estimates, D(real) - D(fake), is logged
  beside it as `distance`; `results/cifar10-sagan`, which is older, has it under `d_loss`.
- Label smoothing under the Wasserstein loss weighs the real images' term by 0.9. The generator's loss stays as it is,
  but a critic of bounded slope may turn, because its loss also falls when all outputs sink together. The report's
  critic hardly does (`benchmarks/smoothing.py`).
"""

from typing import Any

from tfgan_repro.experiments.experiment import Absent, BestStep, ByEye, Experiment, Number, Order, without

STATED = {
    "latent_dim": 100,
    "batch_size": 128,
    "optimizer": "adam",
    "beta_1": 0.5,
    "generator_learning_rate": 1e-4,
    "discriminator_learning_rate": 4e-4,
    "steps": 100_000,
    "fid_every": 500,
    "fid_samples": 1000,
    "extractor": "imagenet",
    "resize": "nearest",
}
SILENT = {
    "leaky_slope": (0.2, 'our reading of "Adam with alpha = 0.2", see the module'),
    "generator_activation": ("leaky", "the same reading: the number is given for the model, and not for one network"),
    "label_smoothing": (0.1, "the report says neither by how much nor whose labels; real ones, Salimans et al. 2016"),
    "beta_2": (0.999, "Adam's default"),
    "discriminator_steps": (1, "as in the SAGAN paper"),
}
LOSS = {"loss": ("non-saturating", "the loss that the GAN paper trains with")}

SCORE = {
    "extractor": "imagenet",
    "resize": "nearest",
    "generated_images": 1000,
    "real_images": 1000,
    "dataset": "cifar10",
    "split": "test",
}
WORDS = (
    "the lowest FID of a training, Keras' InceptionV3 with ImageNet weights, nearest-neighbour resize, 1,000 generated "
    "against 1,000 test images"
)
COMMAND = "python evaluate.py --checkpoint RUN --protocol report-c"
# A score every 500 of 100,000 iterations.
SCORES = 200


def fid(value: float) -> Number:
    """The lowest FID of a training of the report."""
    return Number(value, "FID-imagenet", SCORE, WORDS, COMMAND, SCORES)


# What the report says of both its models.
COURSE = (
    BestStep("the lowest FID is near 30,000 iterations", 30_000, until=100_000, tolerance=1.5),
    Absent("does not collapse by 100,000 iterations", "mode-collapse", until=100_000),
)


def comparison(name: str, claim: str, order: Order, variants: dict[str, Any]) -> Experiment:
    """A technique of the report's with and without it, on its DCGAN."""
    stated, ours = without({"model": "dcgan", **STATED}, variants), without({**LOSS, **SILENT}, variants)
    return Experiment(name, "C", claim, "cifar10", (order,), stated, ours, variants)


EXPERIMENTS = (
    Experiment(
        "cifar10-dcgan",
        "C",
        "FID 89.68 at best, after about 30,000 of 100,000 iterations; good at sea and sky, bad at animals and cars",
        "cifar10",
        (
            fid(89.68),
            *COURSE,
            ByEye(
                "good at sea and sky, bad at animals and cars",
                "as in the report: in the kept runs skies, water and grass convince as backgrounds; animals and cars "
                "are hinted at, and hardly one is whole",
            ),
        ),
        {"model": "dcgan", **STATED},
        {**LOSS, **SILENT},
    ),
    Experiment(
        "cifar10-sagan",
        "C",
        "FID 107.25 at best: worse than the unconditional DCGAN",
        "cifar10",
        (
            fid(107.25),
            Order(
                "cifar10-dcgan",
                "cifar10-sagan",
                "the DCGAN's lowest FID is below the conditional SAGAN's",
                measure="minimum",
            ),
            *COURSE,
        ),
        {
            "model": "sagan",
            **STATED,
            "loss": "wasserstein",
            "spectral_normalization": "both",
            "discriminator_normalization": "batch",
            "attention": True,
        },
        {
            "generator_conditioning": ("batch-normalization", "the SAGAN paper's"),
            "discriminator_conditioning": ("projection", "the SAGAN paper's"),
            **SILENT,
        },
    ),
    comparison(
        "two-rates-vs-one",
        "two learning rates give better results than one",
        Order(
            "two-rates-vs-one:two-rates",
            "two-rates-vs-one:one-rate",
            "two learning rates give better results than one",
            measure="minimum",
        ),
        {
            "two-rates": {"generator_learning_rate": 1e-4, "discriminator_learning_rate": 4e-4},
            # Their geometric mean, and the DCGAN paper's; the report does not say what it compares with.
            "one-rate": {"generator_learning_rate": 2e-4, "discriminator_learning_rate": 2e-4},
        },
    ),
    comparison(
        "label-smoothing-0-vs-0.1",
        "label smoothing in the discriminator prevents over-fitting",
        # Over-fitting itself is not recorded; a discriminator that does it spoils what comes after the best score.
        Order(
            "label-smoothing-0-vs-0.1:smoothing-0.1",
            "label-smoothing-0-vs-0.1:smoothing-0",
            "label smoothing prevents over-fitting (measured instead: the training with it ends better)",
        ),
        {"smoothing-0": {"label_smoothing": 0.0}, "smoothing-0.1": {"label_smoothing": 0.1}},
    ),
)
