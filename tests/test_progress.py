import io

from rich.console import Console

from tfgan_repro import progress
from tfgan_repro.progress import ProgressLine, clock


def test_a_pipe_gets_plain_lines_now_and_then(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    out = io.StringIO()
    with ProgressLine(100, "step", Console(file=out, width=80)) as line:
        for done in range(1, 101):
            now[0] += 0.5
            line.update(done, "d_loss 1.000")
    lines = out.getvalue().splitlines()
    assert lines[0] == "step 20/100  d_loss 1.000  0:00:40 left"
    assert lines[-1] == "step 100/100  d_loss 1.000  0:00:00 left"
    assert len(lines) == 5


def test_a_terminal_gets_a_live_bar():
    out = io.StringIO()
    with ProgressLine(10, "step", Console(file=out, width=80, force_terminal=True)) as line:
        line.update(5, "d_loss 1.000")
    assert "5/10" in out.getvalue() and "d_loss 1.000" in out.getvalue() and "\x1b[" in out.getvalue()


def test_clock():
    assert clock(3725.9) == "1:02:05"
