"""The README's gallery: corners of the last sample grids of some runs, with what they are, their scores and costs.

    python tools/draw_gallery.py --output docs/pictures/gallery.png \\
        --panel results/cifar10-wgan-gp-acgan "CIFAR-10, a row a class" "FID-768 0.64, 1.0 core-hours"

A panel is a run directory, a title and a line below it; results/RUN:1,7,8,9 shows those rows of the grid, from 0, in
place of the first ones. The command that made the kept picture stands in CONTRIBUTING.md.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfgan_repro.files import atomic_path
from tfgan_repro.report.grids import MARGIN, read_png, repeated, unrepeated
from tfgan_repro.report.runs import read_run

# Images a panel, the side that the larger ones are shown with, panels a row, and the space between: in pixels.
COLUMNS, ROWS = 7, 4
SIDE, PANELS, GAP, CAPTION = 64, 2, 20, 46
# Colours of the file: a quarter of the size, and hardly a difference to see.
COLOURS = 128


def panel(run_dir, title, line):
    """Some rows of a run's last grid above a title and a line: uint8 `[height, width, 3]`."""
    run_dir, _, shown = run_dir.partition(":")
    run = read_run(Path(run_dir), Path(run_dir).name)
    grid, _ = unrepeated(read_png(run.grids[max(run.grids)]))
    size = run.facts["image_shape"][0]
    rows, columns = ((extent - MARGIN) // (size + MARGIN) for extent in grid.shape[:2])
    times = max(1, SIDE // size)
    places = [MARGIN + number * (size + MARGIN) for number in range(max(rows, columns))]
    paper = np.full((ROWS * SIDE + CAPTION, COLUMNS * SIDE, 3), 255, np.uint8)
    for row, source in enumerate(map(int, shown.split(",")) if shown else range(min(ROWS, rows))):
        for column in range(min(COLUMNS, columns)):
            image = grid[places[source] : places[source] + size, places[column] : places[column] + size]
            image = repeated(image, times)[:SIDE, :SIDE]
            # Smaller images, such as digits, stand in the middle of their place.
            pad = (SIDE - image.shape[0]) // 2
            top, left = row * SIDE + pad, column * SIDE + pad
            paper[top : top + image.shape[0], left : left + image.shape[1]] = image
    canvas = Image.fromarray(paper)
    draw = ImageDraw.Draw(canvas)
    draw.text((2, ROWS * SIDE + 4), title, fill=(20, 20, 20), font=ImageFont.load_default(size=17))
    draw.text((2, ROWS * SIDE + 25), line, fill=(80, 80, 80), font=ImageFont.load_default(size=14))
    return np.asarray(canvas)


def gallery(panels):
    """Panels in rows of two: uint8 `[height, width, 3]`, white between them."""
    height, width, _ = panels[0].shape
    rows = -(-len(panels) // PANELS)
    paper = np.full((rows * (height + GAP) - GAP, PANELS * (width + GAP) - GAP, 3), 255, np.uint8)
    for number, picture in enumerate(panels):
        top, left = (place * (extent + GAP) for place, extent in zip(divmod(number, PANELS), (height, width)))
        paper[top : top + height, left : left + width] = picture
    return paper


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", required=True, help="a PNG")
    parser.add_argument("--panel", nargs=3, action="append", required=True, metavar=("RUN[:ROWS]", "TITLE", "LINE"))
    options = parser.parse_args(arguments)
    picture = Image.fromarray(gallery([panel(*words) for words in options.panel]))
    with atomic_path(Path(options.output)) as temporary:
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(temporary, "PNG", optimize=True)


if __name__ == "__main__":
    main()
