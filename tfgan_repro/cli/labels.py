"""`python -m tfgan_repro.labels` and `tfgan-labels`: labels for picture sets that came without."""

from functools import partial
from pathlib import Path
from typing import Any

from tfgan_repro import cli
from tfgan_repro.choices import as_whole
from tfgan_repro.errors import UserError
from tfgan_repro.files import check_folder, check_outside, make_place
from tfgan_repro.labels import HEADS, LABEL_EXTRACTORS, require_scikit_learn
from tfgan_repro.metrics.registries import BAD_IMAGE_POLICIES, FEATURES, PRECISIONS

DESCRIPTION = """\
Label a folder of pictures that came without labels: look at a few hundred,
let a classifier do the rest, and leave out what it is not sure of.

  python -m tfgan_repro.labels suggest faces/ --count 50 --output round1
  python -m tfgan_repro.labels page faces/ --csv round1/suggested.csv \\
      --classes black,blonde,red --output round1.html
  python -m tfgan_repro.labels suggest faces/ --labels labels.csv \\
      --count 50 --output round2
  python -m tfgan_repro.labels train faces/ --labels labels.csv labels2.csv \\
      --output classifier
  python -m tfgan_repro.labels apply faces/ --model classifier \\
      --labels labels.csv labels2.csv --output faces/labels.csv
  python -m tfgan_repro.labels count RUN --model classifier
"""
# Each is a function of this name in `tfgan_repro.labels.commands`.
COMMANDS = ("suggest", "page", "train", "apply", "count")
# What a `Source` of pictures is made of.
SOURCE_OPTIONS = ("folder", "on_bad_image", "inception_weights", "extractor", "features", "precision")


def build_parser() -> cli.Parser:
    parser = cli.command_parser("python -m tfgan_repro.labels", DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True, metavar=" | ".join(COMMANDS))

    def add(name: str, text: str, folder: str = "the pictures, searched recursively") -> cli.Parser:
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        command.add_argument("folder", help=folder)
        return command

    command = add("suggest", "pick the pictures to label next: a contact sheet, and a CSV to be filled in")
    add_labels(command, "what is labelled already: pictures of which a classifier is unsure come first")
    command.add_argument("--count", type=int, required=True, metavar="N", help="how many pictures")
    command.add_argument("--output", required=True, metavar="DIR", help="for suggested.csv and suggested.png")
    add_extractor(command)
    add_seed(command)

    command = add("page", "write one HTML file to label pictures on, by key or click")
    command.add_argument("--csv", required=True, metavar="CSV", help="which pictures, e.g. suggested.csv")
    command.add_argument("--classes", required=True, metavar="NAMES", help="the classes, with commas between")
    command.add_argument("--output", required=True, metavar="FILE", help="the page, ending in .html")
    command.add_argument("--label-column", metavar="NAME", help="what the labels are called (that of the CSV)")

    command = add("train", "train a classifier on the labelled pictures, and say how good it is")
    add_labels(command, "the labelled pictures", required=True)
    command.add_argument("--output", required=True, metavar="DIR", help="for the classifier")
    command.add_argument("--head", metavar="NAME", default="logistic", help=f"{', '.join(HEADS)} (logistic)")
    add_extractor(command)
    add_seed(command)
    add_json(command)

    command = add("apply", "label the rest with a classifier")
    command.add_argument("--model", required=True, metavar="DIR", help="a classifier made by train")
    command.add_argument(
        "--confidence", type=float, default=0.9, metavar="P", help="leave out what is less likely (0.9)"
    )
    add_labels(command, "what a person labelled is kept as it is")
    command.add_argument("--output", required=True, metavar="CSV", help="file, label and confidence of each picture")
    command.add_argument("--inception-weights", metavar="FILE", help="(TFGAN_REPRO_INCEPTION_WEIGHTS)")
    command.add_argument("--on-bad-image", metavar="NAME", default="fail", help="fail or skip (fail)")
    add_json(command)

    command = add("count", "count the classes that a generator draws", "a run directory, or one of its checkpoints")
    command.add_argument("--model", required=True, metavar="DIR", help="a classifier made by train")
    command.add_argument("--samples", type=int, default=1000, metavar="N", help="images of either kind (1,000)")
    command.add_argument("--data-dir", metavar="DIR", help="where TensorFlow Datasets keeps its sets (the run's)")
    command.add_argument("--inception-weights", metavar="FILE", help="(TFGAN_REPRO_INCEPTION_WEIGHTS)")
    add_seed(command)
    add_json(command)
    return parser


def add_labels(command: cli.Parser, text: str, required: bool = False) -> None:
    command.add_argument("--labels", nargs="+", default=[], metavar="CSV", required=required, help=text)
    command.add_argument(
        "--label-column", metavar="NAME", help="the column of the CSV, or several 0/1 columns with commas between"
    )


def add_extractor(command: cli.Parser) -> None:
    command.add_argument("--extractor", metavar="NAME", default="auto", help=f"{', '.join(LABEL_EXTRACTORS)} (auto)")
    command.add_argument("--inception-weights", metavar="FILE", help="(TFGAN_REPRO_INCEPTION_WEIGHTS)")
    command.add_argument("--features", type=int, metavar="N", help=f"how many: {FEATURES}")
    command.add_argument("--precision", metavar="NAME", default="float32", help=f"{', '.join(PRECISIONS)} (float32)")
    command.add_argument("--on-bad-image", metavar="NAME", default="fail", help="fail or skip (fail)")


def add_seed(command: cli.Parser) -> None:
    command.add_argument("--seed", type=int, default=0, metavar="N", help="of all that is random (0)")


def add_json(command: cli.Parser) -> None:
    command.add_argument("--json", action="store_true", dest="as_json", help="print the result as a line of JSON")


def check(options: dict[str, Any]) -> None:
    """Refuse values that no command can work with, before anything large is imported."""
    names = {"extractor": LABEL_EXTRACTORS, "head": HEADS, "precision": PRECISIONS, "on_bad_image": BAD_IMAGE_POLICIES}
    for key, registry in names.items():
        if key in options:
            registry.check(options[key])
    for key, least in (("count", 1), ("seed", 0), ("samples", 2)):
        if key in options:
            as_whole(f"--{key}", options[key], least)
    if options.get("labels") == [] and options["label_column"] is not None:
        raise UserError(f"--label-column {options['label_column']} needs --labels, a column of which it names")
    # Written so that nan is refused too.
    if not 0 <= options.get("confidence", 0.0) <= 1:
        raise UserError(f"--confidence {options['confidence']}: must be between 0 and 1")
    folder = Path(options["folder"])
    if options["command"] == "count":
        return
    output = Path(options["output"])
    check_folder(folder)
    from tfgan_repro.data.prepared import refuse_prepared

    refuse_prepared(folder, "name the folder they were made from")
    suffix = {"page": ".html", "apply": ".csv"}.get(options["command"])
    if suffix:
        make_place(output, suffix)
        return
    check_outside(output, folder)
    if output.is_file():
        raise UserError(f"--output {output} is a file; name a folder")


def main(arguments: list[str]) -> None:
    options = vars(build_parser().parse_args(arguments))
    check(options)
    command = options.pop("command")
    if command in ("suggest", "train"):
        require_scikit_learn()
    cli.import_backend()
    from tfgan_repro.labels import commands, label_files

    if command not in ("page", "count"):
        options["labels"] = label_files.read_all_labels(options["labels"], options.pop("label_column"))
        options["source"] = commands.Source(**{key: options.pop(key) for key in SOURCE_OPTIONS if key in options})
    getattr(commands, command)(**options)


script = partial(cli.run, main)  # the entry point
