"""`evaluate.py` and `tfgan-evaluate`: score a run's generator, or one set of images against another."""

import json
from typing import Any

from tfgan_repro import cli
from tfgan_repro.config import AUTO_EXTRACTORS
from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.metrics import BAD_IMAGE_POLICIES, METRICS, PRECISIONS, RESIZES

DESCRIPTION = """\
Score the generator of a run, or any set of images against another. The score
of real against real images stands beside each score; every line tells its
protocol. Scores of a run are appended to its evaluations.jsonl.

  python evaluate.py --checkpoint results/dcgan-cifar10 --fid-samples 1000
  python evaluate.py --checkpoint RUN --metrics fid,kid,is,prdc
  python evaluate.py --checkpoint RUN --protocol report-c
  python evaluate.py --real cifar10 --fake my_images/
  python evaluate.py --real photographs/ --save-stats photographs.npz
"""

# What each shorthand stands for; an option given beside it wins.
PROTOCOLS = {"report-c": {"extractor": "imagenet", "resize": "nearest", "fid_samples": 1000, "split": "test"}}
DEFAULTS = {"extractor": "auto", "resize": None, "fid_samples": None, "split": "test"}
CHECKPOINT_SAMPLES = 1000
# Options of one way of calling only.
COMPARING = ("fake", "on_bad_image", "save_stats")
SCORING_A_RUN = ("checkpoint", "standing_stats")


def build_parser() -> cli.Parser:
    parser = cli.command_parser("python evaluate.py", DESCRIPTION, usage="%(prog)s [options]")
    group = parser.add_argument_group("what to score")
    group.add_argument(
        "--checkpoint", metavar="PATH", help="a run directory, one of its checkpoints, or its generator.weights.h5"
    )
    group.add_argument(
        "--real", metavar="SET", help="a folder, an .npz of images or of statistics (mu, sigma), or a data set"
    )
    group.add_argument("--fake", metavar="SET", help="the images to be scored against --real, of any of these kinds")
    group.add_argument("--metrics", metavar="NAMES", default="fid", help=f"{', '.join(METRICS)}, with commas (fid)")
    group.add_argument(
        "--fid-samples", type=int, metavar="N", help="images drawn from either side (1,000 of a run; else all)"
    )
    group.add_argument("--split", metavar="NAME", help="the real images of a data set: test or train (test)")
    group.add_argument("--data-dir", metavar="DIR", help="where TensorFlow Datasets keeps its sets (TFDS_DATA_DIR)")
    group.add_argument("--seed", type=int, default=2, metavar="N", help="of latents and choice of real images (2)")
    group.add_argument(
        "--standing-stats", type=int, metavar="N", help="recompute the generator's batch statistics from N batches (0)"
    )
    group.add_argument("--on-bad-image", metavar="NAME", help=f"{', '.join(BAD_IMAGE_POLICIES)} (fail)")
    group = parser.add_argument_group("protocol")
    group.add_argument("--protocol", metavar="NAME", help=f"shorthand for a report's protocol: {', '.join(PROTOCOLS)}")
    group.add_argument("--extractor", metavar="NAME", help=f"{', '.join(AUTO_EXTRACTORS)} (auto)")
    group.add_argument("--inception-weights", metavar="FILE", help="(TFGAN_REPRO_INCEPTION_WEIGHTS)")
    group.add_argument("--features", type=int, metavar="N", help="2048, 768, 192 or 64 (what the weights allow)")
    group.add_argument("--resize", metavar="NAME", help=f"{', '.join(RESIZES)} (the extractor's own)")
    group.add_argument("--precision", metavar="NAME", default="float32", help=f"{', '.join(PRECISIONS)} (float32)")
    group = parser.add_argument_group("output")
    group.add_argument("--save-stats", metavar="FILE", help="write the statistics of --real to an .npz")
    group.add_argument("--json", action="store_true", help="print each score with its protocol as a line of JSON")
    return parser


def with_protocol(options: dict[str, Any]) -> dict[str, Any]:
    """Fill in what was not said: from the protocol where one is named, else from the defaults."""
    name = options.pop("protocol")
    if name is not None and name not in PROTOCOLS:
        raise unknown_name("protocol", name, PROTOCOLS)
    values = {**DEFAULTS, **PROTOCOLS.get(name, {})}
    return {**options, **{key: options[key] if options[key] is not None else value for key, value in values.items()}}


def check(options: dict[str, Any]) -> None:
    if (options["checkpoint"] is None) == (options["real"] is None):
        raise UserError("say either --checkpoint, or --real with --fake or --save-stats")
    for key in COMPARING:
        if options["checkpoint"] is not None and options[key] is not None:
            raise UserError(f"--{key.replace('_', '-')} goes with --real, not with --checkpoint")
    if options["real"] is not None and options["fake"] is None and options["save_stats"] is None:
        raise UserError("--real needs --fake to be compared with, or --save-stats to be written to")
    for name in options["metrics"]:
        METRICS.check(name)
    AUTO_EXTRACTORS.check(options["extractor"])
    if options["resize"] is not None:
        RESIZES.check(options["resize"])
    for key, known in (("split", ("test", "train")), ("precision", PRECISIONS), ("on_bad_image", BAD_IMAGE_POLICIES)):
        if options[key] is not None and options[key] not in known:
            raise unknown_name(key.replace("_", "-"), options[key], known)
    if options["fid_samples"] is not None and options["fid_samples"] < 2:
        raise UserError(f"--fid-samples {options['fid_samples']}: must be at least 2")
    if options["standing_stats"] is not None and options["standing_stats"] < 0:
        raise UserError(f"--standing-stats {options['standing_stats']}: must be at least 0")
    if options["real"] is not None and options["standing_stats"] is not None:
        raise UserError("--standing-stats goes with --checkpoint, not with --real")
    if options["seed"] < 0:
        raise UserError(f"--seed {options['seed']}: must be at least 0")
    if options["save_stats"] is not None and not options["save_stats"].endswith(".npz"):
        raise UserError(f"--save-stats {options['save_stats']}: the name must end in .npz")


def main(arguments: list[str]) -> None:
    options = with_protocol(vars(build_parser().parse_args(arguments)))
    as_json = options.pop("json")
    # In the order given, each once.
    options["metrics"] = tuple(dict.fromkeys(name.strip() for name in options["metrics"].split(",")))
    check(options)

    cli.import_backend()
    from tfgan_repro.metrics.table import table

    if options["checkpoint"] is not None:
        from tfgan_repro.runs.evaluation import evaluate

        for key in ("real", *COMPARING):
            del options[key]
        defaults = {"fid_samples": CHECKPOINT_SAMPLES, "standing_stats": 0}
        rows = evaluate(**{**options, **{key: options[key] or value for key, value in defaults.items()}})
    else:
        from tfgan_repro.runs.comparison import compare

        for key in SCORING_A_RUN:
            del options[key]
        rows = compare(**{**options, "on_bad_image": options["on_bad_image"] or "fail"})
    if as_json:
        for row in rows:
            print(json.dumps(row))
    elif rows:
        print(table(rows))


def script() -> None:
    """The entry point."""
    cli.run(main)
