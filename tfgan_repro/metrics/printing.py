"""Scores for people: a table, and below it what must be known of them."""

from collections.abc import Sequence
from typing import Any

from tfgan_repro.text_tables import aligned


def score_table(rows: list[dict[str, Any]]) -> str:
    """Scores with their protocol as text: a table, and below it what must be known of them.

    Args:
        rows: scores of one pair of image sets, as `score_rows` makes them.

    Returns:
        Several lines.
    """
    cells = [("", "value", "95 % interval", "real against real")]
    for row in rows:
        name, times = in_print(row["metric"])
        interval = row.get("interval")
        spread = row.get("standard_deviation") or row.get("standard_error")
        extent = f"{number(times * interval[0])} to {number(times * interval[1])}" if interval else ""
        if spread:
            extent = f"+- {number(times * spread)}"  # over subsets, splits or the fit: no interval
        real = "" if row["real_vs_real"] is None else number(times * row["real_vs_real"])
        cells.append((name, number(times * row["value"]), extent, real))
    closest = [line for row in rows for line in pair_lines(row.get("closest", ()))]
    return "\n".join([*aligned(cells, numbers=True), *protocol_lines(rows), *closest])


def pair_lines(pairs: Sequence[dict[str, Any]]) -> list[str]:
    """The closest pairs of a generated and a real image, by their numbers from 0 or the names of their files."""
    cells: list[Sequence[str]] = [("  closest pairs: generated", "real", "distance")]
    for pair in pairs:
        names = ("unknown" if pair[side] is None else str(pair[side]) for side in ("generated", "real"))
        cells.append((*names, number(pair["distance"])))
    return aligned(cells, numbers=True) if pairs else []


def in_print(metric: str) -> tuple[str, int]:
    """What a score is called for people, and the factor on its values: KID is printed times 1,000, as is common."""
    if metric.partition("-")[0] in ("KID", "KD"):
        return f"{metric} x 1,000", 1000
    return metric, 1


def number(value: float) -> str:
    """Three decimals, or as many as show three digits of a small value."""
    return f"{value:.3f}" if abs(value) >= 0.1 or value == 0 else f"{value:.3g}"


def protocol_lines(rows: list[dict[str, Any]]) -> list[str]:
    """What holds for all the scores, a few lines."""
    row = rows[0]
    step = f" (step {row['step']:,})" if row.get("step") is not None else ""
    generated = f"images of {row['generated']}" if row.get("generated") else f"generated images{step}"
    lines = [f"  {count(row['generated_images'])} {generated} against {real_images(row)}"]
    others = {(other["metric"], real_images(other)) for other in rows if real_images(other) != real_images(row)}
    lines += [f"  {metric}: against {text}" for metric, text in sorted(others)]
    if row.get("real_vs_real_images"):
        first, second = row["real_vs_real_images"]
        lines.append(f"  real against real: {count(first)} against {count(second)} real images")
    lines.append(f"  {made_by(row)}, seed {row['seed']}")
    # A classifier of its own tells whether images show their class.
    apart = {(other["metric"], made_by(other)) for other in rows if made_by(other) != made_by(row)}
    return lines + [f"  {metric}: {text}" for metric, text in sorted(apart)]


def made_by(row: dict[str, Any]) -> str:
    """The extractor in words."""
    return (
        f"extractor {row['extractor']} (weights {row['weights_sha256']}), {row['features']} features, "
        f"resize {row['resize']}, {row['precision']}"
    )


def real_images(row: dict[str, Any]) -> str:
    split = f"{row['split']} " if row["split"] else ""
    return f"{count(row['real_images'])} {split}images of {row['dataset']}"


def count(value: int | None) -> str:
    return "an unknown number of" if value is None else f"{value:,}"
