"""`python -m tfgan_repro.data` and `tfgan-data`: prepare a collection of pictures, export a data set, augment some."""

import dataclasses
import signal
import sys
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_repro import cli
from tfgan_repro.cli.train import argument
from tfgan_repro.choices import option_name
from tfgan_repro.config import TrainConfig
from tfgan_repro.data import SOURCES, check_beside, load_pictures, open_collection
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.files import make_place
from tfgan_repro.registry import Names

if TYPE_CHECKING:
    import numpy as np

    from tfgan_repro.data.pictures import PictureSet


DESCRIPTION = """\
Bring pictures into the form in which they are trained on.

  python -m tfgan_repro.data prepare photographs/ prepared/ --image-size 64
  python -m tfgan_repro.data prepare zip:faces.zip faces/ --crop face
  python train.py --dataset prepared:prepared/
  python -m tfgan_repro.data export cifar10 cifar10.npz
  python -m tfgan_repro.data augment photographs/ --output sheet.png
"""
EXAMPLES = "cifar10, folder:PATH, prepared:DIR, ..."
EVERY_ADA = "ada,ada-cutout"
SPLITS = Names("split", "both", "train", "test")
SUFFIXES = {"export": ".npz", "augment": ".png"}  # of what is one file
SHEET, SHOWN, LARGEST_SHOWN = "contact_sheet.png", 100, 96


def build_parser() -> cli.Parser:
    """The parser; the options of `prepare` are those of `train.py`."""
    parser = cli.command_parser("python -m tfgan_repro.data", DESCRIPTION)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=cli.Parser)
    own = {*(spec.name for spec in dataclasses.fields(Preparation)), "data_dir"}

    def add(name: str, text: str, metavar: str, source: str, choices: Collection[str] = own) -> cli.Parser:
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        command.add_argument("source", metavar=metavar, help=source)
        for spec in dataclasses.fields(TrainConfig):
            if spec.name in choices:
                usual = EVERY_ADA if spec.name == "augmentation" else None
                command.add_argument(option_name(spec.name), **argument(spec, usual))
        return command

    text = "decode, crop and resize every picture once, in parallel; write TFRecords, a report and a contact sheet"
    command = add("prepare", text, "PATH", "a folder, or any data set by name: zip:FILE, tfds:NAME, ...")
    command.add_argument("out", metavar="OUT", help="the directory to make")
    text, source = "write a data set as .npz: images (uint8), labels, class_names", f"any data set by name: {EXAMPLES}"
    command = add("export", text, "NAME", source)
    command.add_argument("out", metavar="FILE", help="the .npz file to write")
    command.add_argument(
        "--split", metavar="NAME", default="both", help="train, test, or both, as x_train, y_train, ... (both)"
    )
    text = "show what the discriminator sees of some training pictures, with p = 0.2, 0.5 and 0.8"
    command = add("augment", text, "NAME", source, {*own, "augmentation"})
    command.add_argument("--output", metavar="FILE", required=True, dest="out", help="the .png file to write")
    return parser


def main(arguments: list[str]) -> None:
    choices = vars(build_parser().parse_args(arguments))
    command, source, out, split = (choices.pop(name, None) for name in ("command", "source", "out", "split"))
    # A folder needs no kind in front of it, unless it is called as a set is.
    if Path(source).is_dir() and source not in SOURCES:
        source = f"folder:{source}"
    # One by one: together they would be those of a training, whose networks need not be of this size.
    choices = TrainConfig.checked({"data_dir": None, "augmentation": EVERY_ADA, **choices})
    data_dir, augmentation = choices.pop("data_dir"), choices.pop("augmentation")
    preparation = Preparation(**choices)
    if split is not None:
        SPLITS.check(split)
    check_beside(out, source)
    if command in SUFFIXES:
        make_place(out, SUFFIXES[command])

    cli.import_backend()
    if command == "prepare":
        # As after Ctrl-C, nothing half-written is left behind.
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        prepare(source, data_dir, preparation, Path(out))
        return
    if command == "augment":
        augment(load_pictures(source, "train", data_dir, preparation=preparation), augmentation, out)
    else:
        from tfgan_repro.data.export import export

        splits = ("train", "test") if split == "both" else (split,)
        export(source, out, splits, data_dir, preparation)
    print(out)


def augment(pictures: "PictureSet", augmentation: str, out: str) -> None:
    """Write a picture, a `.png` file, of what the discriminator sees of some of the pictures."""
    from tfgan_repro.report.grids import write_png
    from tfgan_repro.sampling.augmentation_sheet import COLUMNS, augmentation_sheet

    write_png(out, augmentation_sheet(pictures.read(pictures.spread_rows(COLUMNS)), augmentation))


def prepare(source: str, data_dir: str | None, preparation: Preparation, out: Path) -> None:
    """Prepare a data set's pictures into a directory, which must not exist and appears whole or not at all."""
    from tfgan_repro.data.parallel import processes
    from tfgan_repro.data.prepared import REPORT
    from tfgan_repro.data.record_writer import RecordWriter, check_free
    from tfgan_repro.data.reading import read_collection, resolve
    from tfgan_repro.data.summary import Sample
    from tfgan_repro.report.grids import image_grid, write_png

    check_free(out)
    collection = open_collection(source, data_dir, preparation)
    preparation = resolve(collection, preparation)
    sample = Sample(SHOWN, LARGEST_SHOWN)

    def add(split: str, pixels: "np.ndarray", label: int) -> None:
        writer.add(split, pixels, label)
        sample.add(pixels)

    with RecordWriter(out, collection, preparation) as writer:
        summary = read_collection(collection, preparation, add, processes)
        write_png(writer.hidden / SHEET, image_grid(sample.images()))
        writer.finish(summary)
    summary.left_out.warn(collection.name)
    print(f"{out}: {summary.kept['train']:,} training and {summary.kept['test']:,} test pictures")
    for file in (REPORT, SHEET):
        print(out / file)


script = partial(cli.run, main)  # the entry point
