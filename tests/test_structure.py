"""Which way the rooms of the house may lean on each other, read from every import of every module."""

import ast

import pytest
from conftest import ROOT

PACKAGE = ROOT / "tfgan_repro"
# What each room may import besides itself and the modules that lie beside the rooms.
CORE = {"backends", "data", "metrics", "models"}
ALLOWED = {
    "backends": set(),
    "models": {"backends"},
    "data": {"backends"},
    "metrics": {"backends"},
    "runs": CORE,
    "experiments": {"runs"},
    "report": {"experiments", "runs", *CORE},
    "sampling": {"report", "runs", *CORE},
    "labels": {"report", "runs", *CORE},
    "training": {"experiments", "report", "runs", "sampling", *CORE},
    "cli": {"experiments", "labels", "report", "runs", "sampling", "training", *CORE},
}
# Beside the rooms: these gather what the rooms have, and only the rooms above the core may ask them.
GATHERING = {"config": CORE}


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports():
    """Every import of every module, wherever it stands in it: by module, the modules of the package."""
    paths = {module_name(path): path for path in PACKAGE.rglob("*.py")}
    found = {}
    for name, path in paths.items():
        targets = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tfgan_repro":
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    targets.add(whole if whole in paths else node.module)
            elif isinstance(node, ast.Import):
                targets |= {alias.name for alias in node.names if alias.name.split(".")[0] == "tfgan_repro"}
        found[name] = targets - {name}
    # The front door is a registry of names; `python -m` of a room is the command line's.
    return {name: targets for name, targets in found.items() if name != "tfgan_repro" and "__main__" not in name}


@pytest.fixture(scope="module")
def arrows():
    return imports()


def room_of(name):
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and (PACKAGE / parts[1]).is_dir() else None


def test_the_plan_names_every_room():
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == set(ALLOWED)


def test_rooms_lean_one_way(arrows):
    wrong = [
        f"{name} imports {target}"
        for name, targets in arrows.items()
        for target in targets
        if room_of(name) and room_of(target) not in (None, room_of(name), *ALLOWED[room_of(name)])
    ]
    assert wrong == []


def test_the_core_knows_no_configuration(arrows):
    wrong = [
        f"{name} imports {target}"
        for name, targets in arrows.items()
        for target in targets
        if room_of(name) in CORE and target.split(".")[1:2] == ["config"]
    ]
    assert wrong == []


def test_what_lies_beside_the_rooms_leans_on_none_of_them(arrows):
    wrong = [
        f"{name} imports {target}"
        for name, targets in arrows.items()
        for target in targets
        if room_of(name) is None and name != "tfgan_repro.generate"
        if room_of(target) not in (None, *GATHERING.get(name.split(".")[1], ()))
    ]
    assert wrong == []


def test_there_are_no_circles(arrows):
    """Taking away, again and again, what imports nothing that is left, leaves nothing."""
    left = dict(arrows)
    while free := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in free:
            del left[name]
    assert sorted(left) == []
