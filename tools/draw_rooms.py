"""Draw which room of the package imports which, from the imports themselves.

    python tools/draw_rooms.py --output docs/pictures/rooms.svg

A room is a package in `tfgan_repro/`, or some of its modules. Imports within functions count, and places in registries
(`"tfgan_repro.models.losses:HINGE"`) as well: they are imported when they are asked for.
"""

import argparse
import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "tfgan_repro"
# From above: each row imports what is below it.
ROWS = (
    ("cli",),
    ("training", "sampling", "labels"),
    ("report",),
    ("experiments", "runs"),
    ("config",),
    ("models", "data", "metrics"),
    ("backends",),
)
# Modules that are no packages: of the configuration, of a command, or else small helpers that every room uses.
MODULES = {"config": "config", "choices": "config", "rules": "config", "generate": "cli", "recipes": "models"}
ROLES = {
    "cli": "words to choices",
    "training": "one session of a run",
    "sampling": "pictures and exports",
    "labels": "for sets without",
    "report": "plots, grids, pages",
    "experiments": "the reports' trainings",
    "runs": "run directories, scores",
    "config": "every choice of a run",
    "models": "networks and their step",
    "data": "where pictures come from",
    "metrics": "features and distances",
    "backends": "TensorFlow and JAX",
}
WIDTH, BOX_WIDTH, BOX_HEIGHT, ROW_HEIGHT, TOP = 900, 180, 48, 104, 16


def room_of(module):
    """The room of a module by its dotted name, or None."""
    parts = module.split(".")
    if parts[-1] == "__main__":
        return "cli"  # `python -m tfgan_repro.data` is a command
    if len(parts) == 1:
        return None
    return parts[1] if (PACKAGE / parts[1]).is_dir() else MODULES.get(parts[1])


def running(node):
    """The nodes of a syntax tree, without those that only the checker of types sees."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from running(child)


def imported(tree):
    """The dotted names of this package's modules that a module imports or has in a registry."""
    for node in running(tree):
        if isinstance(node, ast.ImportFrom) and node.module == PACKAGE.name:
            yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name != "__version__")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PACKAGE.name}."):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith(f"{PACKAGE.name}."))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            place, colon, name = node.value.partition(":")
            if place.startswith(f"{PACKAGE.name}.") and name.isidentifier():
                yield place


@cache
def edges():
    """Pairs of a room and a room that it imports."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        room = room_of(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        others = {room_of(module) for module in imported(ast.parse(path.read_text(encoding="utf-8")))}
        found |= {(room, other) for other in others if room and other and room != other}
    return found


def places():
    """The middle of each room's upper edge."""
    return {
        room: (round(WIDTH * (column + 0.5) / len(rooms)), TOP + row * ROW_HEIGHT)
        for row, rooms in enumerate(ROWS)
        for column, room in enumerate(rooms)
    }


def arrow(start, end):
    """A curve from the lower edge of one box to the upper edge of another, or upwards the other way round."""
    (x1, y1), (x2, y2) = start, end
    down = y2 > y1
    y1, y2 = (y1 + BOX_HEIGHT, y2 - 4) if down else (y1, y2 + BOX_HEIGHT + 4)
    bend = ROW_HEIGHT // 2 if down else -ROW_HEIGHT // 2
    kind = "down" if down else "up"
    return f'class="{kind}" d="M{x1} {y1} C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}"'


def svg():
    """The picture as text, the same for the same imports."""
    where, lines = places(), []
    for room, other in sorted(edges()):
        lines.append(f"<path {arrow(where[room], where[other])}><title>{room} imports {other}</title></path>")
    for room, (x, y) in where.items():
        lines.append(
            f'<rect x="{x - BOX_WIDTH // 2}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"/>'
            f'<text x="{x}" y="{y + 21}" class="name">{room}</text>'
            f'<text x="{x}" y="{y + 38}">{ROLES[room]}</text>'
        )
    height = TOP + len(ROWS) * ROW_HEIGHT - (ROW_HEIGHT - BOX_HEIGHT) + TOP
    style = (
        "rect{fill:#eef4fa;stroke:#0072B2}text{font:12px sans-serif;text-anchor:middle;fill:#333}"
        ".name{font-weight:bold;font-size:15px;fill:#000}path{fill:none;stroke:#888;marker-end:url(#tip)}"
        ".up{stroke:#D55E00;stroke-dasharray:4 3}"
    )
    tip = (
        '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" style="fill:#888;stroke:none;marker-end:none"/></marker>'
    )
    body = "\n".join(lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="Which room imports which">\n<style>{style}</style><defs>{tip}</defs>\n'
        f'<rect width="{WIDTH}" height="{height}" style="fill:#fff;stroke:none"/>\n{body}\n</svg>\n'
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    parser.parse_args().output.write_text(svg(), encoding="utf-8")
