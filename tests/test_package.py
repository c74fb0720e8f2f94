"""The package's own description, and its front door."""

import configparser
import re

import pytest
from conftest import ROOT

import tfgan_repro


def setup_cfg():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def requirements(text):
    lines = (line.partition("#")[0].replace(" ", "") for line in text.splitlines())
    return {line for line in lines if line}


def test_requirements_agree_with_setup_cfg():
    cfg = setup_cfg()
    wanted = requirements(cfg["options"]["install_requires"]) | requirements(cfg["options.extras_require"]["test"])
    assert requirements((ROOT / "requirements.txt").read_text()) == wanted


def test_what_jax_needs_without_tensorflow_is_all_told():
    named = re.search(r"`pip install (jax keras [^`]+)`", (ROOT / "docs/jax.md").read_text()).group(1)
    wanted = {re.match(r"[\w-]+", line).group() for line in requirements(setup_cfg()["options"]["install_requires"])}
    without = {"tensorflow", "tensorflow-datasets", "importlib_resources", "tensorboard"}
    assert set(named.split()) == wanted - without | {"jax"}


def test_console_scripts_exist():
    for line in setup_cfg()["options.entry_points"]["console_scripts"].strip().splitlines():
        module, attribute = line.partition("=")[2].strip().split(":")
        assert callable(getattr(__import__(module, fromlist=[attribute]), attribute))


def test_version_is_a_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+", tfgan_repro.__version__)


def test_the_changelog_begins_with_this_version():
    text = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(r"^## (\S+)", text, re.MULTILINE).group(1) == tfgan_repro.__version__


def test_registries_name_code_that_exists():
    from tfgan_repro.data import SOURCES
    from tfgan_repro.metrics import EXTRACTORS, RESIZES
    from tfgan_repro.models import LOSSES, MODELS
    from tfgan_repro.sampling import EXPORTS, MODES, WRITERS

    for registry in (MODELS, LOSSES, SOURCES, EXTRACTORS, RESIZES, WRITERS, EXPORTS, MODES):
        for name in registry:
            assert registry.load(name) is not None


def test_every_file_beside_the_modules_is_installed():
    """Such as the embedded weights, which nothing else would miss before a user does."""
    data = setup_cfg()["options.package_data"]
    package = ROOT / "tfgan_repro"
    files = [path for path in package.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert package / "metrics" / "embedded_weights.npz" in files
    for path in files:
        rooms = [room for room in data if path.is_relative_to(ROOT / room.replace(".", "/"))]
        assert any(path.match(pattern.strip()) for room in rooms for pattern in data[room].split(",")), path


def test_the_front_door_names_what_it_has():
    assert {name for name in dir(tfgan_repro) if not name.startswith("_")} == set(tfgan_repro.__all__)
    assert len(dir(tfgan_repro)) == len(set(dir(tfgan_repro)))
    assert tfgan_repro.SAGAN.__name__ == "SAGAN" and tfgan_repro.losses.HINGE is not None
    with pytest.raises(AttributeError, match="no attribute 'Dcgan'"):
        tfgan_repro.Dcgan
