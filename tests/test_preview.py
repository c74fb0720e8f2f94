"""Images in half blocks, on terminals that can show them."""

import io
import re

import numpy as np
import pytest
from rich.console import Console

from tfgan_repro.preview import half_blocks, print_preview

IMAGES = [np.full((8, 8, channels), 10 * number, np.uint8) for number, channels in enumerate([3] * 9 + [1])]


def terminal(monkeypatch, **environment):
    """A console that takes itself for a terminal of 50 columns, and what is written on it."""
    for name, value in {"TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}.items():
        monkeypatch.setenv(name, value)
    if "NO_COLOR" not in environment:
        monkeypatch.delenv("NO_COLOR", raising=False)
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    return Console(file=out, width=50, force_terminal=True), lambda: out.buffer.getvalue().decode()


def test_a_character_has_the_colours_of_two_pixels():
    picture = np.zeros((4, 2, 3), np.uint8)
    picture[0, 0], picture[1, 0] = (255, 0, 1), (2, 3, 4)
    text = half_blocks(picture)
    assert text.plain == "▀▀\n▀▀"
    assert text.spans[0].style == "rgb(255,0,1) on rgb(2,3,4)"


def test_ten_images_are_two_rows_of_five(monkeypatch):
    console, written = terminal(monkeypatch)
    print_preview(IMAGES, console)
    assert "38;2;40;40;40" in written() and "38;2;90;90;90" in written()
    lines = re.sub(r"\x1b\[[0-9;]*m", "", written()).splitlines()
    # Five times eight pixels and a gap wide; eight pixels are four lines.
    assert lines == (["▀" * 45] * 4 + [""]) * 2


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"COLORTERM": "", "TERM": "xterm"}])
def test_nothing_where_colours_are_not_wanted_or_not_known(monkeypatch, environment):
    console, written = terminal(monkeypatch, **environment)
    print_preview(IMAGES, console)
    assert written() == ""


def test_nothing_in_a_pipe_or_without_images(monkeypatch):
    out = io.StringIO()
    print_preview(IMAGES, Console(file=out))
    console, written = terminal(monkeypatch)
    print_preview([], console)
    assert out.getvalue() == written() == ""
