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
from tfgan_repro.choices import checked, option_name
from tfgan_repro.config import TrainConfig
from tfgan_repro.data import SOURCES
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError
from tfgan_repro.files import make_place

if TYPE_CHECKING:
    import numpy as np


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
SPLITS = ("both", "train", "test")
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
                command.add_argument(option_name(spec.name), **argument(spec))
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
    command.add_argument("--output", metavar="FILE", required=True, help="the .png file to write")
    return parser


def main(arguments: list[str]) -> None:
    choices = vars(build_parser().parse_args(arguments))
    command, source, out, split = (choices.pop(name, None) for name in ("command", "source", "out", "split"))
    output, augmentation = choices.pop("output", None), choices.pop("augmentation", EVERY_ADA)
    # A folder needs no kind in front of it, unless it is called as a set is.
    if Path(source).is_dir() and source not in SOURCES:
        source = f"folder:{source}"
    config = TrainConfig(dataset=source, **choices)
    if command == "export" and split not in SPLITS:
        raise UserError(f"--split {split}: must be {', '.join(SPLITS)}")
    if command == "export" and not out.endswith(".npz"):
        raise UserError(f"{out}: the name must end in .npz")
    if command == "augment" and not output.endswith(".png"):
        raise UserError(f"--output {output}: the name must end in .png")
    augmentation = checked(TrainConfig.__dataclass_fields__["augmentation"], augmentation)
    folder, written = Path(source.removeprefix("folder:")), Path(out or output)
    if source.startswith("folder:") and written.resolve().is_relative_to(folder.resolve()):
        raise UserError(f"{written}: must be outside {folder}, whose pictures it would join")
    if command != "prepare":
        make_place(written)

    cli.import_backend()
    if command == "augment":
        augment(config, augmentation, output)
        print(output)
        return
    if command == "export":
        from tfgan_repro.data.export import export

        export(config.dataset, out, SPLITS[1:] if split == "both" else (split,), config.data_dir, config.preparation)
        print(out)
        return
    # As after Ctrl-C, nothing half-written is left behind.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    prepare(config.dataset, Path(out), config.data_dir, config.preparation)


def augment(config: TrainConfig, augmentation: str, output: str) -> None:
    """Write a picture of what the discriminator sees of a set.

    Args:
        config: a `TrainConfig`, for the pictures.
        augmentation: as `--augmentation` takes it.
        output: the `.png` file.

    Raises:
        UserError: anything that the user can mend.
    """
    import numpy as np

    from tfgan_repro.data import load_pictures
    from tfgan_repro.report.grids import write_png
    from tfgan_repro.sampling.augmentation_sheet import COLUMNS, augmentation_sheet

    pictures = load_pictures(config.dataset, "train", config.data_dir, config.image_size, config.preparation)
    # Evenly spaced, so that sets sorted by class are covered.
    rows = np.unique(np.linspace(0, len(pictures) - 1, COLUMNS).astype(int))
    write_png(output, augmentation_sheet(pictures.read(rows), augmentation))


def prepare(name: str, out: Path, data_dir: str | None, preparation: Preparation) -> None:
    """Prepare a data set into a directory that appears whole or not at all.

    Args:
        name: of the data set, as in `tfgan_repro.data.load_pictures`.
        out: the directory, which must not exist.
        data_dir: where TensorFlow Datasets keeps its sets, or None.
        preparation: a `Preparation`.

    Raises:
        UserError: anything that the user can fix.
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


script = partial(cli.run, main)  # the entry point
