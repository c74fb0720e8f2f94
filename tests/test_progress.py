import io
import re
import types

import pytest
from rich.console import Console

from tfgan_repro import progress
from tfgan_repro.progress import ImageProgress, ProgressLine, TimeColumn, clock


def test_a_pipe_gets_plain_lines_now_and_then(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    out = io.StringIO()
    with ProgressLine(100, "step", Console(file=out, width=80)) as line:
        for done in range(1, 101):
            now[0] += 0.5
            line.update(done, "d_loss 1.000")
    assert out.getvalue().splitlines() == [
        "step 1/100  d_loss 1.000",
        "step 21/100  d_loss 1.000  0:00:39 left",
        "step 41/100  d_loss 1.000  0:00:29 left",
        "step 61/100  d_loss 1.000  0:00:19 left",
        "step 81/100  d_loss 1.000  0:00:09 left",
        "step 100/100  d_loss 1.000  took 0:00:50",
    ]


def test_the_time_left_comes_from_the_rate_since_the_first_sign(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    out = io.StringIO()
    with ProgressLine(1000, "step", Console(file=out, width=80), done=500) as line:
        for done, seconds in ((501, 60), (511, 10)):
            now[0] += seconds
            line.update(done)
    assert out.getvalue().splitlines() == ["step 501/1000", "step 511/1000  0:08:09 left"]


def test_a_terminal_gets_a_live_bar():
    out = io.StringIO()
    with ProgressLine(10, "step", Console(file=out, width=80, force_terminal=True)) as line:
        line.update(5, "d_loss 1.000")
        line.update(10, "d_loss 1.000")
    assert "10/10" in out.getvalue() and "took 0:00:00" in out.getvalue()
    running = types.SimpleNamespace(finished=False, time_remaining=83.0)
    assert TimeColumn().render(running).plain == "0:01:23 left"
    assert "d_loss 1.000" in out.getvalue() and "\x1b[" in out.getvalue()


@pytest.mark.parametrize("width, words", [(80, "1234 images/s  d_loss 1.234  g_loss 2.345"), (60, "1234 images/s ")])
def test_a_narrow_terminal_shows_every_number_in_one_line(width, words):
    out = io.StringIO()
    with ProgressLine(20_000, "step", Console(file=out, width=width, force_terminal=True)) as line:
        line.update(1)
        line.update(12_000, "1234 images/s  d_loss 1.234  g_loss 2.345")
        line.bar.refresh()
    *_, last = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", out.getvalue()).strip().splitlines()
    shown = last.split("\r")[-1]
    assert shown.startswith("step ") and f" 12000/20000 {words}" in shown and shown.endswith(" left")


def test_sets_of_images_count_as_they_are_announced():
    out = io.StringIO()
    with ImageProgress(Console(file=out, width=80)) as line:
        generated, real = line.part(20), line.part(30)  # the real ones are read first
        real(30)
        generated(10)
        other = line.part(5)
        generated(20)
        other(5)
    words = [line.split("  ")[0] for line in out.getvalue().splitlines()]
    assert words == ["images 30/50", "images 55/55"]


def test_a_live_bar_is_shown_when_there_is_something_to_count():
    for count, text in ((None, "images"), (7, "7/7")):
        out = io.StringIO()
        with ImageProgress(Console(file=out, width=80, force_terminal=True)) as line:
            if count:
                line.part(count)(count)
        assert (text in out.getvalue()) == bool(count)


def test_clock():
    assert clock(3725.9) == "1:02:05"
