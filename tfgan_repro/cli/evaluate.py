"""`evaluate.py` and `tfgan-evaluate`: score a run's generator."""

import json

from tfgan_repro import cli
from tfgan_repro.config import AUTO_EXTRACTORS
from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.metrics import RESIZES

DESCRIPTION = """\
Score the generator of a run: the Frechet distance between generated images and
real test images, with the score of real against real images beside it. The
line is printed and appended to the run's evaluations.jsonl.

  python evaluate.py --checkpoint results/dcgan-cifar10 --fid-samples 1000
  python evaluate.py --checkpoint results/dcgan-cifar10 --extractor embedded
  python evaluate.py --checkpoint results/dcgan-cifar10 --protocol report-c
"""

# What each shorthand stands for; an option given beside it wins.
PROTOCOLS = {"report-c": {"extractor": "imagenet", "resize": "nearest", "fid_samples": 1000, "split": "test"}}
DEFAULTS = {"extractor": "auto", "resize": None, "fid_samples": 1000, "split": "test"}


def build_parser():
    parser = cli.Parser(prog="evaluate.py", description=DESCRIPTION, formatter_class=cli.Formatter, allow_abbrev=False)
    parser.add_argument(
        "--checkpoint",
        required=True,
        metavar="PATH",
        help="a run directory, one of its checkpoints, or its generator.weights.h5",
    )
    parser.add_argument("--fid-samples", type=int, metavar="N", help="generated and real images (1,000)")
    parser.add_argument("--split", metavar="NAME", help="the real images: test or train (test)")
    parser.add_argument("--data-dir", metavar="DIR", help="where TensorFlow Datasets keeps its sets (TFDS_DATA_DIR)")
    parser.add_argument("--seed", type=int, default=2, metavar="N", help="of latents and choice of real images (2)")
    group = parser.add_argument_group("protocol")
    group.add_argument("--protocol", metavar="NAME", help=f"shorthand for a report's protocol: {', '.join(PROTOCOLS)}")
    group.add_argument("--extractor", metavar="NAME", help=f"{', '.join(AUTO_EXTRACTORS)} (auto)")
    group.add_argument("--inception-weights", metavar="FILE", help="(TFGAN_REPRO_INCEPTION_WEIGHTS)")
    group.add_argument("--features", type=int, metavar="N", help="2048 or 768 (what the weights allow)")
    group.add_argument("--resize", metavar="NAME", help=f"{', '.join(RESIZES)} (the extractor's own)")
    parser.add_argument("--json", action="store_true", help="print the score with its protocol as JSON")
    return parser


def with_protocol(options):
    """Fill in what was not said: from the protocol where one is named, else from the defaults."""
    name = options.pop("protocol")
    if name is not None and name not in PROTOCOLS:
        raise unknown_name("protocol", name, PROTOCOLS)
    values = {**DEFAULTS, **PROTOCOLS.get(name, {})}
    return {**options, **{key: options[key] if options[key] is not None else value for key, value in values.items()}}


def check(options):
    AUTO_EXTRACTORS.check(options["extractor"])
    if options["resize"] is not None:
        RESIZES.check(options["resize"])
    if options["split"] not in ("test", "train"):
        raise unknown_name("split", options["split"], ("test", "train"))
    if options["fid_samples"] < 2:
        raise UserError(f"--fid-samples {options['fid_samples']}: must be at least 2")
    if options["seed"] < 0:
        raise UserError(f"--seed {options['seed']}: must be at least 0")


def main(arguments):
    options = with_protocol(vars(build_parser().parse_args(arguments)))
    as_json = options.pop("json")
    check(options)

    cli.import_tensorflow()
    from tfgan_repro.training.evaluation import evaluate, sentence

    score = evaluate(options.pop("checkpoint"), **options)
    print(json.dumps(score) if as_json else sentence(score))


def script():
    """The entry point of the console script."""
    cli.run(main)
