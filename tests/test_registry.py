"""Names bound to code and to what the checks know of it."""

import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.models import AUGMENTATIONS, LOSSES, MODELS, OPTIMIZERS, PENALTIES
from tfgan_repro.registry import Entry, Registry

REGISTRY = Registry("thing", {"none": "", "a": "math:pi", "b": Entry("math:sqrt", rooted=True)})


def test_a_name_is_loaded_and_its_facts_are_known_without():
    assert REGISTRY.load("a") > 3
    assert REGISTRY.fact("b", "rooted") is True and REGISTRY.fact("a", "rooted", "?") == "?"
    with pytest.raises(UserError, match="unknown thing 'c'; known: a, b, none"):
        REGISTRY.fact("c", "rooted")


def test_lists_of_names():
    assert REGISTRY.several("none") == () and REGISTRY.several("b, a") == ("b", "a")
    assert REGISTRY.pairs("a:2,b") == {"a": 2.0, "b": None}
    assert REGISTRY.pairs({"a": 3}) == {"a": 3.0} and REGISTRY.pairs(["a", "b:0"]) == {"a": None, "b": 0.0}


@pytest.mark.parametrize("words", ["", "a,", "c", "a,a", "none,a", "a:", "a:x", "a:nan", "a:inf", "a:-1"])
def test_bad_lists_are_refused(words):
    with pytest.raises(UserError):
        REGISTRY.pairs(words)


@pytest.mark.parametrize("registry", [MODELS, LOSSES, PENALTIES, AUGMENTATIONS, OPTIMIZERS], ids=lambda it: it.kind)
def test_every_name_has_code_behind_it(registry):
    assert all(callable(registry.load(name)) or registry.load(name) for name in registry if name != "none")
