"""`python -m tfgan_repro.data` and `tfgan-data`: prepare a collection of pictures once, or export a data set."""

import dataclasses
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_repro import cli
from tfgan_repro.cli.train import argument
from tfgan_repro.choices import option_name
from tfgan_repro.config import TrainConfig
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError

if TYPE_CHECKING:
    import numpy as np


DESCRIPTION = """\
Bring pictures into the form in which they are trained on.

  python -m tfgan_repro.data prepare photographs/ prepared/ --image-size 64
  python -m tfgan_repro.data prepare zip:faces.zip faces/ --crop face
  python train.py --dataset prepared:prepared/
  python -m tfgan_repro.data export cifar10 cifar10.npz
"""
SPLITS = ("both", "train", "test")
SHEET, SHOWN, LARGEST_SHOWN = "contact_sheet.png", 100, 96


def build_parser() -> cli.Parser:
    """The parser; the options of `prepare` are those of `train.py`."""
    parser = cli.command_parser("python -m tfgan_repro.data", DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=cli.Parser)
    text = "decode, crop and resize every picture once, in parallel; write TFRecords, a report and a contact sheet"
    command = commands.add_parser("prepare", help=text, description=text, allow_abbrev=False)
    command.add_argument("source", metavar="PATH", help="a folder, or any data set by name: zip:FILE, tfds:NAME, ...")
    command.add_argument("out", metavar="OUT", help="the directory to make")
    names = {spec.name for spec in dataclasses.fields(Preparation)} | {"data_dir"}
    for spec in dataclasses.fields(TrainConfig):
        if spec.name in names:
            command.add_argument(option_name(spec.name), **argument(spec))
    text = "write a data set as .npz: images (uint8), labels, class_names"
    command = commands.add_parser("export", help=text, description=text, allow_abbrev=False)
    command.add_argument("source", metavar="NAME", help="any data set by name: cifar10, folder:PATH, prepared:DIR, ...")
    command.add_argument("out", metavar="FILE", help="the .npz file to write")
    command.add_argument(
        "--split", metavar="NAME", default="both", help="train, test, or both, as x_train, y_train, ... (both)"
    )
    for spec in dataclasses.fields(TrainConfig):
        if spec.name in names:
            command.add_argument(option_name(spec.name), **argument(spec))
    return parser


def main(arguments: list[str]) -> None:
    choices = vars(build_parser().parse_args(arguments))
    command, source, out, split = (choices.pop(name, None) for name in ("command", "source", "out", "split"))
    # A folder needs no kind in front of it.
    if Path(source).is_dir():
        source = f"folder:{source}"
    config = TrainConfig(dataset=source, **choices)
    if command == "export" and split not in SPLITS:
        raise UserError(f"--split {split}: must be {', '.join(SPLITS)}")
    if command == "export" and not out.endswith(".npz"):
        raise UserError(f"{out}: the name must end in .npz")

    cli.import_backend()
    if command == "export":
        from tfgan_repro.data.export import export

        export(config.dataset, out, SPLITS[1:] if split == "both" else (split,), config.data_dir, config.preparation)
        print(out)
        return
    # As after Ctrl-C, nothing half-written is left behind.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    prepare(config.dataset, Path(out), config.data_dir, config.preparation)


def prepare(name: str, out: Path, data_dir: str | None, preparation: Preparation) -> None:
    """Prepare a data set into a directory that appears whole or not at all.

    Args:
        name: of the data set, as in `tfgan_repro.data.load_pictures`.
        out: the directory, which must not exist.
        data_dir: where TensorFlow Datasets keeps its sets, or None.
        preparation: a `Preparation`.

    Raises:
        UserError: anything that the user can mend.
    """
    from tfgan_repro.data import open_collection
    from tfgan_repro.data.parallel import processes
    from tfgan_repro.data.prepared import REPORT, RecordWriter, check_free
    from tfgan_repro.data.reading import read_collection, resolve
    from tfgan_repro.data.summary import Sample
    from tfgan_repro.report.grids import image_grid, write_png

    check_free(out)
    collection = open_collection(name, data_dir, preparation)
    preparation = resolve(collection, preparation)
    sample = Sample(SHOWN)

    def add(split: str, pixels: "np.ndarray", label: int) -> None:
        writer.add(split, pixels, label)
        sample.add(pixels)

    with RecordWriter(out, collection, preparation) as writer:
        summary = read_collection(collection, preparation, add, processes)
        write_png(writer.hidden / SHEET, image_grid(sample.images(LARGEST_SHOWN)))
        writer.finish(summary)
    summary.left_out.warn(collection.name)
    print(f"{out}: {summary.kept['train']:,} training and {summary.kept['test']:,} test pictures")
    for name in (REPORT, SHEET):
        print(out / name)


def script() -> None:
    """The entry point."""
    cli.run(main)
