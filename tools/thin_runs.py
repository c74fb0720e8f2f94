"""Make kept runs small: pictures with a palette, fewer grids, generators and films only of the runs that are named.

    python tools/thin_runs.py results/ --generators portraits-dcgan anime-conditional --films portraits-dcgan

Configurations, logs and scores stay as they are. A second time changes nothing. Every file is told that went or shrank.
"""

import argparse
import io

from PIL import Image, ImageSequence

from tfgan_repro.files import atomic_path
from tfgan_repro.report.animation import FRAME_MILLISECONDS, LAST_FRAME_MILLISECONDS
from tfgan_repro.report.grids import thinned
from tfgan_repro.report.runs import find_runs

# Sample grids and frames that stay, the first and the last among them, and colours a picture. Of the grids the one
# before the first step goes all the same: it is noise in every run, which no file makes small.
GRIDS, FRAMES, COLOURS = 3, 7, 256
# What stays only of the runs that an option names.
HEAVY = {"--generators": "generator.weights.h5", "--films": "training.gif"}
# Frames lie too close in time for anyone to count their colours.
FRAME_COLOURS = 64


def with_palette(image, colours):
    """An image with its own best colours; flat areas stay flat, so that enlarged pixels stay squares."""
    return image.convert("RGB").quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def smaller_png(path):
    """A picture with a palette as bytes, or None where it has one."""
    with Image.open(path) as image:
        if image.mode not in ("RGB", "RGBA"):  # the plots have an alpha that is 1 everywhere
            return None
        file = io.BytesIO()
        with_palette(image, COLOURS).save(file, "PNG", optimize=True)
    return file.getvalue()


def smaller_gif(path):
    """A film of fewer frames and colours as bytes, or None where it has no more."""
    with Image.open(path) as film:
        frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(film)]
    chosen = [with_palette(frame, FRAME_COLOURS) for frame in thinned(frames, FRAMES)]
    times = [FRAME_MILLISECONDS] * (len(chosen) - 1) + [LAST_FRAME_MILLISECONDS]
    file = io.BytesIO()
    chosen[0].save(file, "GIF", save_all=True, append_images=chosen[1:], duration=times, loop=0, optimize=True)
    return file.getvalue()


def replace(path, content):
    """Write a file's new content where it is smaller by a twentieth or more, and tell."""
    before = path.stat().st_size
    if content is None or len(content) > 0.95 * before:
        return
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
    print(f"{path}: {before:,} -> {len(content):,} bytes")


def thin(run, kept):
    """Make one run directory small; of `HEAVY` the names in `kept` stay."""
    gone = set(run.grids.values()) - {path for step, path in thinned(list(run.grids.items()), GRIDS) if step}
    gone |= {path for name in set(HEAVY.values()) - kept if (path := run.path / name).is_file()}
    for path in sorted(gone):
        print(f"{path}: gone, {path.stat().st_size:,} bytes")
        path.unlink()
    for path in sorted(run.path.rglob("*.png")):
        replace(path, smaller_png(path))
    for path in sorted(run.path.rglob("*.gif")):
        replace(path, smaller_gif(path))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", metavar="RESULTS", help="a folder of runs")
    for option, name in HEAVY.items():
        parser.add_argument(option, nargs="*", metavar="RUN", help=f"runs that keep their {name} (default: all)")
    options = parser.parse_args(arguments)
    runs = find_runs(options.results)
    owners = {name: getattr(options, option.lstrip("-")) for option, name in HEAVY.items()}
    if unknown := {run for named in owners.values() for run in named or ()} - {run.name for run in runs}:
        parser.error(f"no such run in {options.results}: {', '.join(sorted(unknown))}")
    for run in runs:
        thin(run, {name for name, named in owners.items() if named is None or run.name in named})


if __name__ == "__main__":
    main()
