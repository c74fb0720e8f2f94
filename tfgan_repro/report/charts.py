"""Curves as SVG in a page: sharp at any size, and in the page's own colours, light or dark.

Here a chart is laid out; `templates/macros.html` draws it. Lines differ in their dashes as well as in colour.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfgan_repro.report.grids import thinned

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 40
MOST_POINTS = 160
# Colours are named in `templates/page.css`.
COLOURS, DASHES = 6, ("", "7 4", "2 3", "9 3 2 3")
STEPS = "step (generator updates)"


@dataclass(frozen=True)
class Line:
    """A curve.

    Attributes:
        name: in the legend.
        points: `(x, y)` pairs; what is no finite number is a gap.
        band: `(x, low, high)`, an interval around it, or nothing.
        dots: whether each point is marked.
    """

    name: str
    points: list
    band: tuple = ()
    dots: bool = False


@dataclass(frozen=True)
class Drawn:
    """A line as it is drawn: its name, its style, and places in the picture."""

    name: str
    style: str
    dashes: str
    path: str
    band: str
    dots: list[tuple[str, str]]


@dataclass(frozen=True)
class Chart:
    """A chart as it is drawn.

    Attributes:
        label: what it shows, for those who do not see it.
        x_label: what is drawn to the right, with its unit.
        y_label: what is drawn upwards.
        x_ticks: `(place, text)`.
        y_ticks: the same.
        lines: `Drawn`.
        level: `(name, place)` of a horizontal line, or None.
        logarithmic: whether the scale upwards is.
    """

    label: str
    x_label: str
    y_label: str
    x_ticks: list[tuple[str, str]]
    y_ticks: list[tuple[str, str]]
    lines: list[Drawn]
    level: tuple[str, str] | None
    logarithmic: bool

    # The frame, for the template.
    width, height, left, right, top, bottom = WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM


def chart(
    label: str,
    lines: Sequence[Line],
    y_label: str,
    x_label: str = STEPS,
    logarithmic: bool = False,
    level: tuple[str, float] | None = None,
) -> Chart | None:
    """Lay out a chart.

    Args:
        label: what it shows, for those who do not see it.
        lines: a list of `Line`.
        y_label: what is drawn upwards.
        x_label: what is drawn to the right.
        logarithmic: the scale upwards; only where all values are above 0.
        level: `(name, y)` of a horizontal line, or None.

    Returns:
        A `Chart`, or None where there is nothing to draw.
    """
    # A single point is no line.
    lines = [
        Line(line.name, thinned(line.points, MOST_POINTS), line.band, line.dots or len(line.points) == 1)
        for line in lines
    ]
    values = [y for line in lines for _, y in line.points if finite(y)]
    values += [bound for line in lines for _, *bounds in line.band for bound in bounds if finite(bound)]
    if not values:
        return None
    if level and finite(level[1]):
        values.append(level[1])
    place_y = Scale(min(values), max(values), HEIGHT - BOTTOM, TOP, logarithmic and min(values) > 0)
    place_x = Scale(0, max(x for line in lines for x, _ in line.points), LEFT, WIDTH - RIGHT)
    return Chart(
        label,
        x_label,
        y_label,
        [(f"{place_x(value):.1f}", short(value)) for value in place_x.ticks()],
        [(f"{place_y(value):.1f}", f"{value:g}") for value in place_y.ticks()],
        [drawn(line, number, place_x, place_y) for number, line in enumerate(lines)],
        (level[0], f"{place_y(level[1]):.1f}") if level and finite(level[1]) else None,
        place_y.logarithmic,
    )


def drawn(line: Line, number: int, place_x: "Scale", place_y: "Scale") -> Drawn:
    """A line with its style: each colour once before the dashes change."""
    band = [(place_x(x), place_y(low), place_y(high)) for x, low, high in line.band if finite(low) and finite(high)]
    corners = [(x, high) for x, _, high in band] + [(x, low) for x, low, _ in reversed(band)] if len(band) > 1 else []
    command, words, dots = "M", [], []
    for x, y in line.points:
        if not finite(y):
            command = "M"
            continue
        place = f"{place_x(x):.1f}", f"{place_y(y):.1f}"
        words.append(command + " ".join(place))
        command = "L"
        if line.dots:
            dots.append(place)
    # Two lines differ in both, so that a chart can be read without colours.
    style, dashes = f"s{number % COLOURS}", DASHES[(number + number // COLOURS) % len(DASHES)]
    return Drawn(line.name, style, dashes, "".join(words), " ".join(f"{x:.1f},{y:.1f}" for x, y in corners), dots)


class Scale:
    """From values to places.

    Args:
        low: the smallest value.
        high: the largest.
        start: the place of the smallest.
        end: the place of the largest.
        logarithmic: equal factors instead of equal differences.
    """

    def __init__(self, low: float, high: float, start: float, end: float, logarithmic: bool = False) -> None:
        if high <= low:
            pad = abs(low) / 2 or 1
            low, high = (low / 2, low * 2) if logarithmic else (low - pad, high + pad)
        self.low, self.high, self.start, self.end, self.logarithmic = low, high, start, end, logarithmic

    def __call__(self, value: float) -> float:
        low, high = (math.log(self.low), math.log(self.high)) if self.logarithmic else (self.low, self.high)
        value = math.log(value) if self.logarithmic else value
        return self.start + (self.end - self.start) * (value - low) / (high - low)

    def ticks(self) -> list[float]:
        """Round values within the range."""
        if self.logarithmic:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            found = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
            found = [value for value in found if self.low <= value <= self.high]
            if len(found) > 1:
                return found
        span = self.high - self.low
        unit = 10.0 ** math.floor(math.log10(span / 3))
        step = next(unit * digit for digit in (1, 2, 5, 10) if span / (unit * digit) <= 6)
        first = math.ceil(self.low / step)
        return [round(number * step, 12) for number in range(first, math.floor(self.high / step) + 1)]


def short(value: float) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
