"""Curves over training, drawn from the logs of a run directory."""

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from tfgan_repro.errors import encodable
from tfgan_repro.files import atomic_path, read_json_lines
from tfgan_repro.runs.curves import curve_of, losses_of
from tfgan_repro.runs.directory import RunDirectory

# Distinguishable without colour vision (Okabe and Ito).
BLUE, ORANGE, GREEN, PINK, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#666666"
LOSS_LINES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, ":"), (PINK, "-."))


def new_axes(title: str, y_label: str) -> tuple[Figure, Any]:
    # `Figure` without pyplot: no window system, and nothing global that would grow with every plot.
    figure = Figure(figsize=(7, 4), dpi=110, layout="constrained")
    # A dollar would begin a formula.
    title = encodable(title).replace("$", r"\$")
    axes = figure.add_subplot(title=title, xlabel="step (generator updates)", ylabel=y_label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def write_figure(figure: Figure, path: Path) -> Path:
    with atomic_path(path) as temporary:
        figure.savefig(temporary)
    return path


def write_loss_plot(run_dir: Path | str) -> Path:
    """Draw both networks' losses against steps into `losses.png`.

    Args:
        run_dir: a run directory with a log.

    Returns:
        The plot's path.
    """
    run = RunDirectory(run_dir)
    curves = losses_of(read_json_lines(run.log))
    figure, axes = new_axes(f"{run.path.name}: losses", "loss (no unit; mean over a line of the log)")
    for (name, points), (color, line_style) in zip(curves.items(), LOSS_LINES):
        marker = "o" if len(points) == 1 else None  # a single point is no line
        axes.plot(*zip(*points), color=color, linestyle=line_style, marker=marker, label=name)
    axes.legend()
    return write_figure(figure, run.loss_plot)


def write_score_plot(run_dir: Path | str) -> Path | None:
    """Draw the score against steps into `fid.png`, with its interval and what real images score, both named.

    Args:
        run_dir: a run directory.

    Returns:
        The plot's path, or None for a run that was not scored while it trained.
    """
    run = RunDirectory(run_dir)
    rows = curve_of(read_json_lines(run.evaluations))
    if not rows:
        return None
    last = rows[-1]
    figure, axes = new_axes(
        f"{run.path.name}: {last['metric']} of {last['generated_images']:,} generated images",
        f"{last['metric']}, lower is better (no unit, logarithmic)",
    )
    steps = [row["step"] for row in rows]
    label = f"generated against {last['real_images']:,} real images"
    axes.plot(steps, [row["value"] for row in rows], color=BLUE, marker="o", markersize=3, label=label)
    measured = [row for row in rows if row.get("interval")]
    if measured:
        low, high = zip(*(row["interval"] for row in measured))
        # A logarithmic axis has no place for a bound at or below zero.
        floor = min(row["value"] for row in rows) / 10
        band = [max(bound, floor) for bound in low], high
        axes.fill_between([row["step"] for row in measured], *band, color=BLUE, alpha=0.2, label="its 95 % interval")
    if last.get("real_vs_real"):
        axes.axhline(last["real_vs_real"], color=GREY, linestyle=":", label="real training against real test images")
    axes.set_yscale("log")
    # Plain numbers at 1, 2 and 5 instead of powers of ten.
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.legend()
    return write_figure(figure, run.score_plot)
