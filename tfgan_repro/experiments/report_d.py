"""Report D, "Deep Convolutional GAN": fully connected and convolutional layers on MNIST, which fail and then work.

Run it with

    python -m tfgan_repro.experiments run mnist-conv-fc mnist-conv-fc-lr0.03 --steps 20000

and expect strokes that become digits at learning rate 1e-4 with dropout, and at 0.03 black squares or a pattern: the
generator's gradient is gone within some hundred steps. The report shows the failure at 200,000 and
980,000 batches and the success from 200,000 to 1,120,000; it changed rate and dropout together, so that nobody knows
which of them it was. The two are compared where the shorter one ends.

The losses on real and on generated images are minimised by an Adam each, as stated; their sum by one Adam, which is
common, is `--discriminator-updates joint` and the tuned recipe.

Deviations, from the report and from its author's code (github.com/PooneetThaper/GAN-Implementation):

- The discriminator's logit is not dropped. Where it is, with probability 1/4, the loss is log 2 whatever the image and
  nothing is learnt from it: the same as a batch that is smaller by a quarter.
- Pictures are made without dropout. The code makes them with it, which is noise on what the generator knows.
- Weights are Glorot's, not from a truncated N(0, 0.02): under that the generator's first images hardly depend on the
  latents. Latents are from N(0, 1), not N(-1, 1): a mean of theirs is a bias of the first layer.
- Both networks train from the first step; the code trains the discriminator alone for 10,000 batches before
  (for 1,000 at 0.03). Then it
  runs the three optimisers at once, in no fixed order; here the generator is judged by the updated discriminator.
- The networks' pixels are from -1 to 1 and not from 0 to 1, as everybody's here: the generator's sigmoid is mapped to
  that, and the discriminator's first layer takes up the difference.
- Grids of 64 are drawn ever more rarely and at the steps shown; the report draws 6 pictures every 10,000 batches.
"""

from tfgan_repro.experiments.experiment import Experiment, Level, Order
from tfgan_repro.experiments.papers import AS_GOOD

STATED = {
    "model": "conv-fc",
    "latent_dim": 128,
    "optimizer": "adam",
    "loss": "non-saturating",
    "discriminator_updates": "separate",
}
SILENT = {
    "beta_1": (0.9, "Adam's default"),
    "batch_size": (32, "the author's code"),
    "label_smoothing": (0.0, "none is mentioned"),
    "fid_every": (10_000, "as often as the report draws a sample; it gives no scores"),
}

EXPERIMENTS = (
    Experiment(
        "mnist-conv-fc",
        "D",
        "works at learning rate 1e-4 with dropout (keep 0.75)",
        "mnist",
        (
            Level(
                "digits come out at learning rate 1e-4 with dropout: clear ones, of all ten kinds",
                "IS-digits",
                AS_GOOD,
                "python evaluate.py --checkpoint RUN --metrics is --extractor digits",
                since=200_000,
            ),
        ),
        {
            **STATED,
            "generator_learning_rate": 1e-4,
            "discriminator_learning_rate": 1e-4,
            "dropout": 0.25,
            "steps": 1_120_000,
            "sample_steps": "200000,560000,790000,940000,1120000",
        },
        SILENT,
    ),
    Experiment(
        "mnist-conv-fc-lr0.03",
        "D",
        "fails at learning rate 0.03 without dropout, at 200,000 batches and still at 980,000",
        "mnist",
        (
            Order(
                "mnist-conv-fc",
                "mnist-conv-fc-lr0.03",
                "nothing can be read at learning rate 0.03 without dropout: further from digits than at 1e-4 with it",
            ),
        ),
        {
            **STATED,
            "generator_learning_rate": 0.03,
            "discriminator_learning_rate": 0.03,
            "dropout": 0.0,
            "steps": 980_000,
            "sample_steps": "200000,980000",
        },
        SILENT,
    ),
)
