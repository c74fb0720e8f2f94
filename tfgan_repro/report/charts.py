"""Curves as SVG in a page: sharp at any size, and in the page's own colours, light or dark.

Lines differ in their dashes as well as in colour.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfgan_repro.report.markup import Markup, element

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 40
MOST_POINTS = 160
DASHES = ("", "7 4", "2 3", "9 3 2 3")


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


def chart(
    label: str, lines: Sequence[Line], y_label: str, logarithmic: bool = False, level: tuple[str, float] | None = None
) -> Markup | None:
    """A chart over training steps.

    Args:
        label: what it shows, for those who do not see it.
        lines: a list of `Line`, at most four.
        y_label: what is drawn upwards.
        logarithmic: the scale; only where all values are above 0.
        level: `(name, y)` of a horizontal line, or None.

    Returns:
        `Markup`, or None where there is nothing to draw.
    """
    lines = [Line(line.name, thinned(line.points), line.band, line.dots) for line in lines]
    values = [y for line in lines for _, y in line.points if finite(y)]
    values += [bound for line in lines for _, *bounds in line.band for bound in bounds if finite(bound)]
    steps = [x for line in lines for x, _ in line.points]
    if not values:
        return None
    if level and finite(level[1]):
        values.append(level[1])
    logarithmic = logarithmic and min(values) > 0
    place_y = Scale(min(values), max(values), HEIGHT - BOTTOM, TOP, logarithmic)
    place_x = Scale(0, max(steps), LEFT, WIDTH - RIGHT)
    parts: list[Markup | list[Markup]] = [grid(place_x, place_y, y_label)]
    if level and finite(level[1]):
        y = f"{place_y(level[1]):.1f}"
        parts.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="level"))
    for number, line in enumerate(lines):
        parts += drawn(line, number, place_x, place_y)
    names = [line.name for line in lines]
    svg = element("svg", parts, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=label, class_="chart")
    return element("div", svg, legend(names, level[0] if level else None), class_="charted")


def drawn(line: Line, number: int, place_x: "Scale", place_y: "Scale") -> list[Markup]:
    parts = []
    band = [(place_x(x), place_y(low), place_y(high)) for x, low, high in line.band if finite(low) and finite(high)]
    if len(band) > 1:
        corners = [(x, high) for x, _, high in band] + [(x, low) for x, low, _ in reversed(band)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
        parts.append(element("polygon", points=points, class_=f"band s{number}"))
    command, words = "M", []
    for x, y in line.points:
        if not finite(y):
            command = "M"
            continue
        words.append(f"{command}{place_x(x):.1f} {place_y(y):.1f}")
        command = "L"
        if line.dots:
            parts.append(element("circle", cx=f"{place_x(x):.1f}", cy=f"{place_y(y):.1f}", r=2.2, class_=f"s{number}"))
    parts.append(
        element("path", d="".join(words), class_=f"line s{number}", stroke_dasharray=DASHES[number] or None)
    )
    return parts


def grid(place_x: "Scale", place_y: "Scale", y_label: str) -> list[Markup]:
    """The axes: ticks with their numbers, and what they mean."""
    parts = []
    for value in place_y.ticks():
        y = f"{place_y(value):.1f}"
        parts.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"))
        parts.append(element("text", f"{value:g}", x=LEFT - 5, y=y, text_anchor="end", dominant_baseline="middle"))
    for value in place_x.ticks():
        x = f"{place_x(value):.1f}"
        parts.append(element("text", short(value), x=x, y=HEIGHT - BOTTOM + 15, text_anchor="middle"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(element("text", "step (generator updates)", x=middle, y=HEIGHT - 6, text_anchor="middle"))
    turned = f"translate(11 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)"
    parts.append(element("text", y_label, transform=turned, text_anchor="middle"))
    return parts


def legend(names: Sequence[str], level: str | None) -> Markup:
    """The lines' names, each with its dashes."""
    entries = [(name, f"line s{number}", DASHES[number]) for number, name in enumerate(names)]
    if level:
        entries.append((level, "level", ""))
    items = [
        element(
            "li",
            element(
                "svg",
                element("line", x1=0, x2=28, y1=5, y2=5, class_=kind, stroke_dasharray=dashes or None),
                viewBox="0 0 28 10",
                class_="key",
                aria_hidden="true",
            ),
            name,
        )
        for name, kind, dashes in entries
    ]
    return element("ul", items, class_="legend")


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


def thinned(points: list) -> list:
    """At most 160 of the points, the first and the last among them."""
    if len(points) <= MOST_POINTS:
        return points
    return [points[place] for place in np.linspace(0, len(points) - 1, MOST_POINTS).round().astype(int)]
