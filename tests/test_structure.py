"""Which way the rooms of the house may lean on each other, and where each module is tried."""

import ast
from pathlib import Path

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
# Modules that have no test file of their own name, and the one that tries them instead.
TRIED_IN = {
    # The names of test files are unique, and another room has a module of this name.
    "data/export.py": "data/test_npz_source.py",
    "backends/precision.py": "training/test_precision.py",
    "runs/loading.py": "runs/test_generator_loading.py",
    "sampling/pictures.py": "sampling/test_generated_pictures.py",
    "training/diversity.py": "training/test_diversity_meter.py",
    # One test for both backends, so that they cannot part.
    "backends/current.py": "models/test_backends_agree.py",
    "backends/jax.py": "models/test_backends_agree.py",
    "backends/jax_devices.py": "backends/test_jax_training.py",
    "backends/tensorflow.py": "models/test_layers.py",
    "backends/tensorflow_devices.py": "backends/test_devices.py",
    "backends/tensorflow_training.py": "models/test_backends_agree.py",
    "data/tensorflow_pipeline.py": "data/test_pipeline.py",
    # Data, or parts so small that only their users show what they do.
    "data/collection.py": "data/test_npz_source.py",
    "data/crops.py": "data/test_treatment.py",
    "data/preparation.py": "data/test_treatment.py",
    "data/record_writer.py": "data/test_prepared.py",
    "experiments/experiment.py": "experiments/test_presets.py",
    "experiments/papers.py": "experiments/test_presets.py",
    **{f"experiments/report_{letter}.py": "experiments/test_presets.py" for letter in "abcde"},
    "metrics/embedded.py": "metrics/test_extractor.py",
    "metrics/imagenet.py": "metrics/test_extractor.py",
    "metrics/inception_weights.py": "metrics/test_inception.py",
    "metrics/networks.py": "metrics/test_extractor.py",
    "metrics/registries.py": "metrics/test_exports.py",
    # Parts of a score, and it is the score that must be right.
    **{f"metrics/{part}.py": "metrics/test_score.py" for part in ("real_against_real", "requirements", "rows")},
    "models/architecture.py": "models/test_family.py",
    "models/drawing.py": "models/test_ada.py",
    "models/loss_means.py": "models/test_keras_contract.py",
    "models/options.py": "models/test_rules.py",
    "models/sagan.py": "models/test_family.py",
    "models/user_data.py": "models/test_minibatches.py",
    "models/wgan_gp.py": "models/test_family.py",
    "report/cards.py": "report/test_page.py",
    "report/embedding.py": "report/test_page.py",
    "report/run_section.py": "report/test_page.py",
    "report/scores.py": "report/test_summary.py",
    "report/templates.py": "report/test_page.py",
    "runs/curves.py": "report/test_plots.py",
    "runs/origin.py": "runs/test_fine_tuning.py",
    "sampling/request.py": "sampling/test_generated_pictures.py",
    "training/material.py": "training/test_session.py",
    "training/rollback.py": "training/test_health_monitor.py",
    # What a command does, tried as the command.
    "cli/report.py": "cli/test_surroundings.py",
    "generate.py": "cli/test_generate.py",
    "labels/commands.py": "cli/test_labels.py",
    "labels/counting.py": "cli/test_labels.py",
}
UNTRIED = {"types.py"}  # names for type checkers
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


def test_every_module_is_tried_in_a_file_of_its_name_or_where_the_table_says():
    """With the room's name before it where two rooms have a module of that name."""
    modules = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if not path.name.startswith("__")}
    tests = {path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    own = {
        module
        for module in modules
        for room, name in [(Path(module).parent, Path(module).name)]
        if {room / f"test_{name}", room / f"test_{room.name}_{name}"} & tests
    }
    assert sorted(modules - own - UNTRIED) == sorted(TRIED_IN)
    assert [place for place in TRIED_IN.values() if not (ROOT / "tests" / place).is_file()] == []


def test_no_two_files_of_tests_have_one_name():
    """pytest imports them all as top-level modules."""
    names = [path.stem for path in (ROOT / "tests").rglob("*.py") if path.stem != "conftest"]
    assert sorted(names) == sorted(set(names))
