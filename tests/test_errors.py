"""How what a user can fix is worded."""

import pytest

from tfgan_repro.errors import UserError, encodable, require_package, shortened, unknown_name


def test_the_nearest_names_are_told_else_the_known_ones():
    assert str(unknown_name("model", "dcgn", ["r3gan", "dcgan"])).startswith("unknown model 'dcgn'; did you mean dcgan")
    assert str(unknown_name("model", "x", ["b", "a"])) == "unknown model 'x'; known: a, b"


def test_long_lists_and_long_values_are_cut():
    message = str(unknown_name("thing", "?", [f"name{number}" for number in range(30)]))
    assert message.endswith("and 10 more")
    assert shortened("x" * 100) == "x" * 77 + "..." and shortened(12) == "12"


def test_a_name_that_is_no_text_can_be_printed():
    assert encodable("a\udcff.png").encode() == b"a\\udcff.png"


def test_an_absent_package_is_told_with_what_brings_it():
    require_package("json", "json", "this", "none")
    with pytest.raises(UserError, match=r'--export onnx needs the package tf2onnx: pip install "tfgan-repro\[onnx\]"'):
        require_package("no_such_module", "tf2onnx", "--export onnx", "onnx")
