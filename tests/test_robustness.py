"""Whatever the words and the configuration files are: one clear line and exit code 2, or a valid configuration."""

import contextlib
import dataclasses
import io
import json
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfgan_repro import cli
from tfgan_repro.cli.train import main
from tfgan_repro.choices import option_name
from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.runs.directory import RunDirectory

# The same cases each time: a suite that fails by luck would not be believed.
SUITE = {"deadline": None, "derandomize": True, "database": None}
FIELDS = {spec.name: spec for spec in dataclasses.fields(TrainConfig)}

hostile_texts = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.sampled_from(
        ["", " ", "\0", "a\0b", "\n", "line\nline", "\r\n", "\ud800", "\udc80", "x" * 100_000, "../" * 50, "-", "--",
         "%s", "{}", "\x1b[31m", "nan", "inf", "-inf", "1e999", "9" * 5000, "0x10", "1_000", "٣", "None", "true", "[]"]
    ),
)  # fmt: skip
numbers = st.one_of(
    st.integers(), st.integers(-(10**400), 10**400), st.floats(), st.sampled_from([0, -1, 2**31, 2**63, 1e308, -0.0])
)
values = st.one_of(st.none(), st.booleans(), numbers, hostile_texts, st.lists(st.none(), max_size=2), st.just({}))


def likely(spec):
    """Mostly what a field may be, so that not every case ends at the first option."""
    if spec.metadata["names"] is not None:
        return st.sampled_from(sorted(spec.metadata["names"]))
    if spec.type is bool:
        return st.booleans()
    if spec.type in (int, int | None):
        return st.integers(1, 1000)
    return st.floats(1e-6, 0.9) if spec.type is float else st.just("name")


configurations = st.fixed_dictionaries(
    {}, optional={name: st.one_of(likely(spec), values) for name, spec in FIELDS.items()}
)
options = st.sampled_from([*map(option_name, FIELDS), "--resume", "--max-minutes", "--flip", "--no-flip"])
likely_words = st.sampled_from([(option_name(name), spec) for name, spec in FIELDS.items()]).flatmap(
    lambda pair: likely(pair[1]).map(lambda value: [pair[0], str(value)])
)
hostile_words = st.tuples(options, st.one_of(hostile_texts, numbers.map(str))).map(list)
words = st.lists(st.one_of(likely_words, hostile_words, hostile_texts.map(lambda text: [text])), max_size=6)


class Valid(Exception):
    """The words were understood; what would follow is the training."""


def outcome(arguments):
    """Run `train.py` in this process up to where TensorFlow would be imported.

    Returns:
        The exit code, or None for valid words; and standard error, encoded as Python encodes it.
    """

    def stop():
        raise Valid

    errors = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace", newline="\n")
    code = None
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(errors):
        patch.setattr(cli, "import_backend", stop)
        try:
            cli.run(main, arguments)
        except Valid:
            pass
        except SystemExit as end:
            code = end.code
    errors.flush()
    return code, errors.buffer.getvalue().decode()


@settings(max_examples=350, **SUITE)
@given(words)
def test_any_words_are_understood_or_refused_in_one_line(groups):
    arguments = [word for group in groups for word in group if word not in ("-h", "--help")]
    code, said = outcome(arguments)
    if code is None:
        # What starts, unless it is only described.
        assert said.count("\n") <= 2 and len(said) < 400
    else:
        assert code == 2
        assert said.startswith("error: ") and said.endswith("\n") and said.count("\n") == 1
        assert len(said) < 400


def test_both_outcomes_are_reached():
    code, said = outcome(["--steps", "5"])
    assert code is None and said.endswith(", 5 steps, tuned recipe -> results/dcgan-shapes-000\n")
    assert outcome(["--steps", "\0"])[0] == 2


@settings(max_examples=350, **SUITE)
@given(configurations, st.one_of(st.none(), st.tuples(hostile_texts, values)))
def test_any_values_make_a_configuration_or_are_refused_in_one_line(chosen, extra):
    if extra is not None:
        chosen = {**chosen, extra[0]: extra[1]}
    try:
        config = TrainConfig.from_json(chosen)
    except UserError as error:
        assert str(error) and len(str(error)) < 500
    else:
        # It means what was said, and comes back from its file.
        assert {name: getattr(config, name) for name in chosen} == chosen
        assert TrainConfig.from_json(json.loads(json.dumps(config.to_json(), allow_nan=False))) == config


contents = st.one_of(
    st.binary(max_size=60),
    values.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries(
        {},
        optional={
            "config": st.one_of(configurations, values),
            "image_shape": st.one_of(st.just([32, 32, 3]), st.lists(values, max_size=4)),
            "classes": st.one_of(values, st.dictionaries(hostile_texts, values, max_size=2)),
        },
    ).map(lambda value: json.dumps(value).encode()),
    st.sampled_from([b"[" * 100_000, b'{"config": {}, "image_shape": [1e999, 32, 3]}', b"\xff\xfe", b"{" * 9]),
    st.integers(0, 80).map(lambda count: b'{"config": {"steps": 3}, "image_shape": [32, 32, 3], "v": 1}'[:count]),
)


@settings(max_examples=200, **SUITE)
@given(contents)
def test_any_configuration_file_is_read_or_refused_in_one_line(content):
    with tempfile.TemporaryDirectory() as folder:
        run = RunDirectory(folder)
        run.config.write_bytes(content)
        try:
            config, shape, classes = run.read_config()
        except UserError as error:
            assert str(error) and len(str(error).replace(folder, "")) < 400
        else:
            assert isinstance(config, TrainConfig)
            assert all(isinstance(size, int) and 1 <= size <= 4096 for size in shape)
            assert all(isinstance(name, str) and isinstance(count, int) for name, count in classes.items())


def small(name, spec):
    """A value of a field with which two steps take little time."""
    sizes = {
        "steps": st.just(2),
        "batch_size": st.integers(2, 4),
        "width": st.sampled_from([0.05, 0.1]),
        "latent_dim": st.integers(1, 5),
        "image_size": st.sampled_from([16, 17, 32]),
        "discriminator_steps": st.integers(1, 2),
        "dataset": st.just("shapes"),
    }
    return sizes.get(name, likely(spec))


ALWAYS_SMALL = ("steps", "batch_size", "width", "image_size")
NO_FILES = [name for name, spec in FIELDS.items() if "str" in str(spec.type) and spec.metadata["names"] is None]
trainable = st.fixed_dictionaries(
    {name: small(name, FIELDS[name]) for name in ALWAYS_SMALL},
    optional={
        name: small(name, spec)
        for name, spec in FIELDS.items()
        if name not in (*ALWAYS_SMALL, *NO_FILES, "precision", "wandb")
    },
)


@settings(max_examples=4, **SUITE)
@given(trainable)
def test_any_choices_train_or_are_refused_in_one_line(chosen):
    from tfgan_repro.training.session import train

    with tempfile.TemporaryDirectory() as folder:
        try:
            own = {"extractor": "embedded", "run_dir": f"{folder}/run"}
            run = train(TrainConfig.from_choices(**{**chosen, **own})).run
        except UserError as error:
            assert "\n" not in str(error)
        else:
            assert (run.path / "training.gif").exists()


@pytest.mark.parametrize("choices", [{"width": 63.0}, {"image_size": 4096}, {"image_size": 1024, "width": 2.0}])
def test_networks_that_no_memory_holds_are_refused(choices):
    code, said = outcome([word for name, value in choices.items() for word in (option_name(name), str(value))])
    assert code == 2 and "more than a thousand million weights; choose at most" in said


@pytest.mark.parametrize("size", [2048, 4096])
def test_pictures_that_no_memory_holds_are_refused(size, monkeypatch):
    import numpy as np

    import tfgan_repro.data.pictures as module

    monkeypatch.setattr(module, "physical_memory", lambda: 16 * 2**30)
    pictures = module.Pictures("shapes", "train", np.broadcast_to(np.uint8(0), (20_000, 32, 32, 3)))
    with pytest.raises(UserError, match=f"--image-size {size}: the 20,000 images of shapes would take .* GB; this"):
        pictures.resized(size)


@pytest.mark.parametrize("option", ["--resume", "--run-dir", "--data-dir"])
@pytest.mark.parametrize("name", ["", "a\0b", "\ud800"])
def test_names_that_no_file_can_have_are_refused(option, name):
    code, said = outcome([option, name])
    assert code == 2 and "no file can have this name" in said


def test_a_data_set_in_a_place_that_no_file_can_have_is_refused():
    code, said = outcome(["--dataset", "folder:a\0b"])
    assert code == 2 and "no file can have this name" in said
