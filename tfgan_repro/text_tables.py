"""Tables as text: columns as wide as their widest cell."""

from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]], numbers: bool = False) -> list[str]:
    """Rows of cells as lines, two spaces between the columns.

    Args:
        rows: equally many cells each, the headings first.
        numbers: whether all columns but the first are aligned to the right.
    """
    widths = [max(map(len, column)) for column in zip(*rows)]
    sides = ["<", *(">" if numbers else "<") * (len(widths) - 1)]
    lines = (zip(row, sides, widths) for row in rows)
    return ["  ".join(f"{cell:{side}{width}}" for cell, side, width in line).rstrip() for line in lines]
