"""`evaluate.py` and `tfgan-evaluate`: score a run's generator, or one set of images against another."""

import dataclasses
import json
from functools import partial
from typing import Any

from tfgan_repro import cli
from tfgan_repro.choices import as_whole, option_name
from tfgan_repro.errors import UserError
from tfgan_repro.metrics.registries import AUTO_EXTRACTORS, BAD_IMAGE_POLICIES, FEATURES, METRICS, PRECISIONS, RESIZES
from tfgan_repro.metrics.protocol import NAMED, Scoring

DESCRIPTION = """\
Score the generator of a run, or any set of images against another. The score
of real against real images stands beside each score; every line tells its
protocol. Scores of a run are appended to its evaluations.jsonl.

  python evaluate.py --checkpoint RUN --fid-samples 1000
  python evaluate.py --checkpoint RUN --metrics fid,kid,is,prdc
  python evaluate.py --checkpoint RUN --protocol report-c
  python evaluate.py --real cifar10 --fake my_images/
  python evaluate.py --real photographs/ --save-stats mine
  python evaluate.py --real mine --fake my_images/
"""

RUN_METRICS = "fid,prdc"  # a distance alone does not say whether a generator shows only part of the data
# Options of one way of calling only.
COMPARING = ("fake", "on_bad_image", "save_stats", "save_features")


def build_parser() -> cli.Parser:
    parser = cli.command_parser("python evaluate.py", DESCRIPTION, usage="%(prog)s [options]")
    group = parser.add_argument_group("what to score")
    group.add_argument(
        "--checkpoint", metavar="PATH", help="a run directory, one of its checkpoints, or its generator.weights.h5"
    )
    group.add_argument(
        "--real",
        metavar="SET",
        help="a folder or .zip of images, a run, a data set, or an .npz of images, statistics or features",
    )
    group.add_argument("--fake", metavar="SET", help="the images to be scored against --real, of any of these kinds")
    group.add_argument(
        "--metrics", metavar="NAMES", help=f"{', '.join(METRICS)}, with commas (of a run {RUN_METRICS}; else fid)"
    )
    group.add_argument(
        "--fid-samples", type=int, metavar="N", help="images drawn from either side (1,000 of a run; else all)"
    )
    group.add_argument("--split", metavar="NAME", help="the real images of a data set: test or train (test)")
    group.add_argument("--data-dir", metavar="DIR", help="where TensorFlow Datasets keeps its sets (TFDS_DATA_DIR)")
    group.add_argument("--seed", type=int, metavar="N", help="of latents and choice of real images (2)")
    group.add_argument(
        "--standing-stats", type=int, metavar="N", help="recompute the generator's batch statistics from N batches (0)"
    )
    group.add_argument("--on-bad-image", metavar="NAME", help=f"{', '.join(BAD_IMAGE_POLICIES)} (fail)")
    group = parser.add_argument_group("protocol")
    group.add_argument("--protocol", metavar="NAME", help=f"shorthand for a report's protocol: {', '.join(NAMED)}")
    group.add_argument(
        "--extractor", metavar="NAME", help=f"{', '.join(AUTO_EXTRACTORS)}, or your own package.module:function (auto)"
    )
    group.add_argument(
        "--inception-weights",
        metavar="FILE",
        help="the extractor's weights (TFGAN_REPRO_INCEPTION_WEIGHTS, TFGAN_REPRO_DINOV2_WEIGHTS)",
    )
    group.add_argument("--features", type=int, metavar="N", help=f"how many: {FEATURES}")
    group.add_argument("--resize", metavar="NAME", help=f"{', '.join(RESIZES)} (the extractor's own)")
    group.add_argument("--image-size", type=int, metavar="N", help="bring the images of both sides to N pixels first")
    group.add_argument("--precision", metavar="NAME", help=f"{', '.join(PRECISIONS)} (float32)")
    group = parser.add_argument_group("output")
    group.add_argument("--save-stats", metavar="FILE", help="write statistics of --real to an .npz, or under a name")
    group.add_argument("--save-features", action="store_true", help="write its features as well, for all other metrics")
    group.add_argument("--list-stats", action="store_true", help="list the statistics that were saved under a name")
    group.add_argument("--json", action="store_true", help="print each score with its protocol as a line of JSON")
    return parser


def check(options: dict[str, Any], split: str | None) -> None:
    """Refuse options that do not go together; `split` is what was said of it."""
    if (options["checkpoint"] is None) == (options["real"] is None):
        raise UserError("say either --checkpoint, or --real with --fake or --save-stats")
    for key in COMPARING:
        if options["checkpoint"] is not None and options[key]:
            raise UserError(f"{option_name(key)} goes with --real, not with --checkpoint")
    if options["real"] is not None and options["fake"] is None and options["save_stats"] is None:
        raise UserError("--real needs --fake to be compared with, or --save-stats to be written to")
    if options["real"] is not None and options["standing_stats"] is not None:
        raise UserError("--standing-stats goes with --checkpoint, not with --real")
    if options["on_bad_image"] is not None:
        BAD_IMAGE_POLICIES.check(options["on_bad_image"])
    as_whole("--standing-stats", options["standing_stats"] or 0)
    if options["checkpoint"] is not None:
        from tfgan_repro.runs.directory import RunDirectory

        RunDirectory.of_checkpoint(options["checkpoint"])
    else:
        from tfgan_repro.runs.sides import check_side, is_data_set

        sides = [side for side in (options["real"], options["fake"]) if side is not None]
        for side in sides:
            check_side(side)
        for name, value in (("--split", split), ("--data-dir", options["data_dir"])):
            if value is not None and not any(map(is_data_set, sides)):
                raise UserError(f"{name} {value} is for a data set by its name, and not for {' or '.join(sides)}")
    if options["save_stats"] is not None:
        from tfgan_repro.metrics.feature_files import make_features_place

        make_features_place(options["save_stats"])


def main(arguments: list[str]) -> None:
    options = vars(build_parser().parse_args(arguments))
    as_json, listing = options.pop("json"), options.pop("list_stats")
    if None not in (options["metrics"], options["real"], options["save_stats"]) and options["fake"] is None:
        raise UserError("--metrics needs --fake; statistics are for fid, and with --save-features for all of them")
    if options["metrics"] is None and options["checkpoint"] is not None:
        options["metrics"] = RUN_METRICS
    split = options["split"]
    scoring = Scoring.of(
        options.pop("protocol"), **{field.name: options.pop(field.name) for field in dataclasses.fields(Scoring)}
    )
    if listing:
        from tfgan_repro.metrics.feature_files import feature_table

        print(feature_table())
        return
    check(options, split)

    cli.import_backend()
    from tfgan_repro.metrics.printing import score_table

    if options["checkpoint"] is not None:
        from tfgan_repro.runs.evaluation import evaluate

        standing = options["standing_stats"] or 0
        rows = evaluate(options["checkpoint"], scoring, data_dir=options["data_dir"], standing_stats=standing)
    else:
        from tfgan_repro.runs.comparison import compare

        del options["checkpoint"], options["standing_stats"]
        options["on_bad_image"] = options["on_bad_image"] or "fail"
        rows = compare(options.pop("real"), options.pop("fake"), scoring, **options)
    if as_json:
        for row in rows:
            print(json.dumps(row))
    elif rows:
        print(score_table(rows))


script = partial(cli.run, main)  # the entry point
