"""`python -m tfgan_repro.generate` and `tfgan-generate`: pictures, films and exports of a trained generator."""

from functools import partial

from tfgan_repro import cli
from tfgan_repro.errors import UserError
from tfgan_repro.sampling import EXPORTS, MODES
from tfgan_repro.sampling.request import FRAMES, Request

DESCRIPTION = """\
Make pictures with a trained generator, or export it. The output's name says
what is made: one grid (.png), single pictures (a folder, .zip), arrays (.npz),
a film (.gif, .mp4).

  python -m tfgan_repro.generate --checkpoint RUN --output grid.png
  python -m tfgan_repro.generate --checkpoint RUN --output a/ --classes cat,3
  python -m tfgan_repro.generate --checkpoint RUN --output x.npz --count 50000
  python -m tfgan_repro.generate --checkpoint RUN --output a.gif --interpolate
  python -m tfgan_repro.generate --checkpoint RUN --output b.png --class-sweep
  python -m tfgan_repro.generate --checkpoint RUN --output c.png --attention
  python -m tfgan_repro.generate --checkpoint RUN --output out/ --export keras
"""
FLAGS = ("interpolate", "class_sweep", "attention")


def build_parser() -> cli.Parser:
    parser = cli.command_parser(
        "python -m tfgan_repro.generate", DESCRIPTION, usage="%(prog)s --checkpoint PATH --output PATH [options]"
    )
    parser.add_argument(
        "--checkpoint", metavar="PATH", required=True, help="a run directory, one of its checkpoints, or its weights"
    )
    parser.add_argument(
        "--output", metavar="PATH", required=True, help="a file (.png, .npz, .zip, .gif, .mp4) or a folder"
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it exists; folders must be empty")
    group = parser.add_argument_group("which pictures")
    counts = ", ".join(f"{count} for {name}" for name in MODES if (count := MODES.fact(name, "count")))
    group.add_argument("--count", type=int, metavar="N", help=f"how many ({counts})")
    group.add_argument("--classes", metavar="NAMES", help="names or numbers, with commas; in turn (all)")
    group.add_argument("--seed", type=int, default=1, metavar="N", help="of the latents (1, as in the run's samples)")
    group.add_argument("--truncation", type=float, metavar="X", help="latents from -X to X: tamer, less varied")
    group.add_argument("--batch-size", type=int, default=250, metavar="N", help="at once; changes no picture (250)")
    group = parser.add_argument_group("instead of single pictures").add_mutually_exclusive_group()
    group.add_argument("--interpolate", action="store_true", help="a film that walks through the latents in a loop")
    group.add_argument("--class-sweep", action="store_true", help="the same latents through all classes, a row each")
    group.add_argument("--attention", action="store_true", help="where five points of each picture look")
    group.add_argument(
        "--export", metavar="FORMAT", help=f"the generator itself, with a model card: {', '.join(EXPORTS)}"
    )
    parser.add_argument("--frames", type=int, metavar="N", help=f"of the film, 20 a second ({FRAMES})")
    return parser


def main(arguments: list[str]) -> None:
    options = vars(build_parser().parse_args(arguments))
    checkpoint = options.pop("checkpoint")
    flags = [name.replace("_", "-") for name in FLAGS if options.pop(name)]
    options["mode"] = flags[0] if flags else "pictures" if options["export"] is None else "export"
    if options["classes"] is not None:
        options["classes"] = tuple(word.strip() for word in options["classes"].split(","))
        if "" in options["classes"]:
            raise UserError(f"--classes {','.join(options['classes'])}: an empty name")
    request = Request(**options)
    from tfgan_repro.runs.directory import RunDirectory

    RunDirectory.of_checkpoint(checkpoint)

    cli.import_backend()
    from tfgan_repro.runs.loading import load_checkpoint

    print(MODES.load(request.mode)(load_checkpoint(checkpoint, exact=True), request))


script = partial(cli.run, main)  # the entry point
