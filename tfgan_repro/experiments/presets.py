"""The experiments of the five reports as data.

`stated` is what the report says; `ours` is what it is silent about, each with the reason for the value taken. Choices
in neither are those of the model's recipe, which says itself where they come from.
"""

from typing import Any

from tfgan_repro.experiments.experiment import ByEye, Experiment, Number, Order

# A batch of 128 of CIFAR-10's 50,000 training images leaves 390 whole batches an epoch, MNIST's 60,000 leave 468.
CIFAR10_EPOCH, MNIST_EPOCH = 390, 468

# What the DCGAN paper trains with (Radford et al. 2016, section 4); reports A, B and E build on it.
DCGAN_PAPER = {
    "loss": ("non-saturating", "the loss that the GAN paper trains with"),
    "optimizer": ("adam", "the DCGAN paper's"),
    "beta_1": (0.5, "the DCGAN paper's"),
    "generator_learning_rate": (2e-4, "the DCGAN paper's"),
    "discriminator_learning_rate": (2e-4, "the DCGAN paper's"),
    "batch_size": (128, "the DCGAN paper's"),
    "label_smoothing": (0.0, "the DCGAN paper has none"),
}
LATENTS = {"latent_dim": (100, "the DCGAN paper's")}
SCORED = {"fid_every": (1000, "the report gives no scores")}
SIZE_64 = {"image_size": (64, "the DCGAN paper's")}


def vanilla(steps: int, why: str, **more: Any) -> dict[str, Any]:
    """The choices that report A is silent about."""
    return {**DCGAN_PAPER, **LATENTS, **SCORED, "steps": (steps, why), **more}


REPORT_A = {"model": "dcgan", "discriminator_steps": 1, "discriminator_batches": "separate"}

# Report C's protocol of scores; both of its models share it, and all but the networks.
REPORT_C = {
    "latent_dim": 100,
    "batch_size": 128,
    "optimizer": "adam",
    "beta_1": 0.5,
    "generator_learning_rate": 1e-4,
    "discriminator_learning_rate": 4e-4,
    "leaky_slope": 0.2,
    "steps": 100_000,
    "fid_every": 500,
    "fid_samples": 1000,
    "extractor": "imagenet",
    "resize": "nearest",
}
REPORT_C_SILENT = {
    "label_smoothing": (0.1, "the report smooths labels and does not say by how much; Salimans et al. 2016"),
    "beta_2": (0.999, "Adam's default"),
    "discriminator_steps": (1, "as in the SAGAN paper"),
}
REPORT_C_SCORE = {
    "extractor": "imagenet",
    "resize": "nearest",
    "generated_images": 1000,
    "real_images": 1000,
    "dataset": "cifar10",
    "split": "test",
}
REPORT_C_WORDS = (
    "the lowest FID of a training, Keras' InceptionV3 with ImageNet weights, nearest-neighbour resize, 1,000 generated "
    "against 1,000 test images"
)
REPORT_C_COMMAND = "python evaluate.py --checkpoint RUN --protocol report-c"

REPORT_D = {"model": "conv-fc", "latent_dim": 128, "optimizer": "adam", "loss": "non-saturating"}
REPORT_D_SILENT = {
    "beta_1": (0.9, "Adam's default"),
    "batch_size": (128, "as in the other reports"),
    "label_smoothing": (0.0, "none is mentioned"),
}

# The body of report E's comparisons: everything but the choice compared.
COMPARED = {"model": "dcgan", "discriminator_steps": 1}
ADAM = {"optimizer": ("adam", "the report begins with momentum and has Adam among the improvements; the DCGAN paper's")}
COMPARED_SILENT = {
    **{name: value for name, value in DCGAN_PAPER.items() if name != "discriminator_learning_rate"},
    **ADAM,
    **LATENTS,
    "discriminator_learning_rate": (4e-4, "a factor of 2 apart, as the report has it; which is larger it does not say"),
    "width": (0.5, "so that three seeds of each variant are hours and not days on two processor cores"),
    "steps": (3000, "enough for the ten shapes to be told apart"),
    "fid_every": (250, "the report gives no scores"),
    "extractor": ("embedded", "fast enough to score often"),
}


def comparison(name: str, claim: str, better: Any, worse: Any, variants: dict[str, Any], **silent: Any) -> Experiment:
    """One comparison of report E.

    Args:
        name: of the experiment.
        claim: of the report.
        better: the variant that the report finds better, or None where it states no finding.
        worse: the other one.
        variants: choices by name.
        **silent: further choices of ours, `(value, why)`.
    """
    claims = (Order(f"{name}:{better}", f"{name}:{worse}", claim),) if better else (ByEye(claim),)
    ours = {**COMPARED_SILENT, **silent}
    varied = {option for choices in variants.values() for option in choices}
    ours = {option: value for option, value in ours.items() if option not in varied}
    # The report compares on its anime faces; the embedded shapes can be had by everybody.
    return Experiment(name, "E", claim, "shapes", claims, COMPARED, ours, variants)


def judged_by_eye(name: str, report: str, claim: str, dataset: str | None, *choices: Any, **more: Any) -> Experiment:
    """An `Experiment` whose whole claim is about its pictures."""
    return Experiment(name, report, claim, dataset, (ByEye(claim),), *choices, **more)


LIST = (
    judged_by_eye(
        "mnist-dcgan",
        "A",
        "digits are realistic after a couple of epochs",
        "mnist",
        REPORT_A,
        vanilla(20 * MNIST_EPOCH, "twenty epochs: the report's couple, and what follows"),
    ),
    judged_by_eye(
        "celeba-dcgan",
        "A",
        "portraits need many more epochs than digits and lack fine detail",
        "celeb_a",
        REPORT_A,
        vanilla(50_000, "about 40 epochs of CelebA's 162,770 training images", **SIZE_64),
    ),
    judged_by_eye(
        "impressionism-dcgan",
        "A",
        "paintings do not work: they differ too much in structure and colour",
        None,
        REPORT_A,
        vanilla(50_000, "as for the portraits", **SIZE_64),
        brings="impressionist paintings, such as WikiArt's",
    ),
    judged_by_eye(
        "cifar10-dcgan-64",
        "B",
        "nothing is gained after 45 of 250 epochs",
        "cifar10",
        {"model": "dcgan", "image_size": 64, "latent_dim": 100, "width": 1.0, "steps": 250 * CIFAR10_EPOCH},
        {**DCGAN_PAPER, **SCORED},
    ),
    Experiment(
        "cifar10-wgan-gp-acgan",
        "B",
        "keeps improving to epoch 249 and ends better than the 64x64 DCGAN, though slower",
        "cifar10",
        (
            Order(
                "cifar10-wgan-gp-acgan",
                "cifar10-dcgan-64",
                "ends better than the 64x64 DCGAN",
            ),
        ),
        {
            "model": "wgan-gp-acgan",
            "loss": "wasserstein",
            "penalty": "gradient",
            "discriminator_conditioning": "classifier",
            "classifier_weight": 1.0,
        },
        {
            "generator_conditioning": ("concatenation", "the report gives the label to the generator; ACGAN's way"),
            "batch_size": (64, "the WGAN-GP paper's"),
            "discriminator_steps": (5, "the WGAN-GP paper's"),
            "penalty_weight": (10.0, "the WGAN-GP paper's"),
            "steps": (250 * (50_000 // (5 * 64)), "250 epochs as for the first model; a step sees five minibatches"),
            **SCORED,
        },
    ),
    Experiment(
        "cifar10-dcgan",
        "C",
        "FID 89.68 at best, after about 30,000 of 100,000 iterations; good at sea and sky, bad at animals and cars",
        "cifar10",
        (Number(89.68, "FID-imagenet", REPORT_C_SCORE, REPORT_C_WORDS, REPORT_C_COMMAND, 200),),
        {"model": "dcgan", **REPORT_C},
        {"loss": ("non-saturating", "the loss that the GAN paper trains with"), **REPORT_C_SILENT},
    ),
    Experiment(
        "cifar10-sagan",
        "C",
        "FID 107.25 at best: worse than the unconditional DCGAN",
        "cifar10",
        (
            Number(107.25, "FID-imagenet", REPORT_C_SCORE, REPORT_C_WORDS, REPORT_C_COMMAND, 200),
            Order("cifar10-dcgan", "cifar10-sagan", "the DCGAN ends better than the conditional SAGAN"),
        ),
        {
            "model": "sagan",
            **REPORT_C,
            "loss": "wasserstein",
            "spectral_normalization": "both",
            "discriminator_normalization": "batch",
            "attention": True,
        },
        {
            "generator_conditioning": ("batch-normalization", "the SAGAN paper's"),
            "discriminator_conditioning": ("projection", "the SAGAN paper's"),
            **REPORT_C_SILENT,
        },
    ),
    Experiment(
        "mnist-conv-fc",
        "D",
        "works at learning rate 1e-4 with dropout (keep 0.75)",
        "mnist",
        (ByEye("digits come out at learning rate 1e-4 with dropout"),),
        {
            **REPORT_D,
            "generator_learning_rate": 1e-4,
            "discriminator_learning_rate": 1e-4,
            "dropout": 0.25,
            "steps": 1_120_000,
        },
        {**REPORT_D_SILENT, "fid_every": (10_000, "as often as the report draws a sample; it gives no scores")},
    ),
    Experiment(
        "mnist-conv-fc-lr0.03",
        "D",
        "fails at learning rate 0.03",
        "mnist",
        (
            Order(
                "mnist-conv-fc",
                "mnist-conv-fc-lr0.03",
                "fails at learning rate 0.03: at least twice the distance of the training at 1e-4",
                factor=2.0,
            ),
        ),
        {**REPORT_D, "generator_learning_rate": 0.03, "discriminator_learning_rate": 0.03},
        {
            **REPORT_D_SILENT,
            "dropout": (0.25, "as in the training that works, so that only the rate differs"),
            "steps": (10_000, "the failure shows at once; the report's first sample is drawn here"),
            "fid_every": (1000, "the report gives no scores"),
        },
    ),
    judged_by_eye(
        "anime-dcgan",
        "E",
        "faces of both sexes, each distinct from the training images, of high quality",
        None,
        {"model": "dcgan", "discriminator_steps": 1, "discriminator_batches": "separate", "downsampling": "stride"},
        {
            **DCGAN_PAPER,
            **ADAM,
            **LATENTS,
            **SIZE_64,
            **SCORED,
            "discriminator_learning_rate": (4e-4, "a factor of 2 apart; the report does not say which is larger"),
            "leaky_slope": (0.2, "LeakyReLU in both networks, with the DCGAN paper's slope"),
            "steps": (30_000, "the report is silent"),
        },
        brings="faces of anime characters",
    ),
    judged_by_eye(
        "anime-conditional",
        "E",
        "a set that came without labels trains a conditional GAN once a classifier has labelled it",
        None,
        {"model": "dcgan", "discriminator_steps": 1, "discriminator_batches": "separate"},
        {
            **DCGAN_PAPER,
            **ADAM,
            **LATENTS,
            **SIZE_64,
            **SCORED,
            "generator_conditioning": ("concatenation", "Mirza and Osindero 2014"),
            "discriminator_conditioning": ("concatenation", "Mirza and Osindero 2014"),
            "discriminator_learning_rate": (4e-4, "a factor of 2 apart; the report does not say which is larger"),
            "steps": (30_000, "the report is silent"),
        },
        brings="faces of anime characters with labels: a folder a hair colour, or a table and --label-column",
    ),
    comparison(
        "saturating-vs-nonsaturating",
        "the non-saturating generator loss trains better than the saturating one",
        "non-saturating",
        "saturating",
        {"saturating": {"loss": "saturating"}, "non-saturating": {"loss": "non-saturating"}},
    ),
    comparison(
        "adam-vs-sgd",
        "Adam trains better than SGD with momentum",
        "adam",
        "sgd",
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
    ),
    comparison(
        "stride-vs-pooling",
        "LeakyReLU goes with average pooling or strided convolutions; the report does not say which is better",
        None,
        None,
        {"stride": {"downsampling": "stride"}, "average-pooling": {"downsampling": "average-pooling"}},
    ),
    comparison(
        "batchnorm-separate-vs-joint",
        "batch normalisation works better with separate minibatches of real and generated images",
        "separate",
        "joint",
        {"separate": {"discriminator_batches": "separate"}, "joint": {"discriminator_batches": "joint"}},
    ),
    comparison(
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
    comparison(
        "leaky-vs-relu",
        "LeakyReLU in both networks trains better than ReLU",
        "leaky",
        "relu",
        {"leaky": {"leaky_slope": 0.2}, "relu": {"leaky_slope": 0.0}},
    ),
    comparison(
        "label-smoothing-0-vs-0.1",
        "labels may be smoothed (report C does so); what it changes is not said",
        None,
        None,
        {"smoothing-0": {"label_smoothing": 0.0}, "smoothing-0.1": {"label_smoothing": 0.1}},
    ),
)
EXPERIMENTS = {experiment.name: experiment for experiment in LIST}
