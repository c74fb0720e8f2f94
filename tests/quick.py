"""Spares the tests what a training would do anew each time and none of them looks at.

Imported by `conftest.py`, and by the process that `forked` commands are forks of.
"""

import functools
import gc

from tfgan_repro.data import shapes
from tfgan_repro.training import boards

# To count a step's operations it is traced once more, which takes as long as all steps of a tiny training.
cost_text = boards.cost_text
boards.cost_text = lambda gan, batch_shape: "not counted"

# Tracing leaves millions of objects; looking through them after every 700 new ones is an eighth of a tiny training.
gc.set_threshold(50_000, 20, 20)


@functools.cache
def draw_once(split):
    """The embedded shapes, drawn once a process."""
    images, labels = draw_split(split)
    images.flags.writeable = labels.flags.writeable = False
    return images, labels


draw_split, shapes.draw_split = shapes.draw_split, draw_once
# Before anything is forked.
for split in shapes.COUNTS:
    draw_once(split)
