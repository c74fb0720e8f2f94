"""A run that is not what it was either goes on as if nothing had happened, or is refused and stays as it is."""

import hashlib
import json
import shutil
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from conftest import tiny_config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tfgan_repro.errors import UserError
from tfgan_repro.files import read_json_lines, write_json_lines
from tfgan_repro.runs.checkpoints import restore_checkpoint, training_state
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.training import session as session_module
from tfgan_repro.training.session import TrainingSession, resume, train

STEPS = 6
# What a mutation may set a choice or a fact of `config.json` to.
VALUES = st.sampled_from([0, 1, 2, 3, 8, 0.5, -1, "x", "none", None, True, [], {}, "wasserstein", "jax", "1.0"])


def contents(path):
    """All files below a folder with their bytes, and its folders."""
    return {entry.relative_to(path): entry.is_file() and entry.read_bytes() for entry in path.rglob("*")}


def digest(gan):
    """A hash of everything that training goes on from."""
    parts = training_state(gan) | {
        f"{index}": keras.ops.convert_to_numpy(variable)
        for index, variable in enumerate([*gan.generator.variables, *gan.discriminator.variables])
    }
    return hashlib.sha256(b"".join(parts[name].tobytes() for name in sorted(parts))).hexdigest()


def draw_pictures(folder):
    """Two classes of eight pictures."""
    random = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for number in range(8):
            picture = Image.fromarray(random.integers(0, 256, (16, 16, 3), dtype=np.uint8))
            picture.save(folder / name / f"{number}.png")


class Diverse:
    """Stands for a `DiversityMeter`, which takes a second to make."""

    def __init__(self, pictures):
        self.pictures = pictures

    def measure(self, images, classes):
        return SimpleNamespace(spread=1.0, duplicates=0.0, classes=None)


class Reached(Exception):
    """The run goes on: what it goes on from."""


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A finished run on a folder, the folder, and what is known of each of its checkpoints."""
    root = tmp_path_factory.mktemp("changed")
    draw_pictures(root / "pictures")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tfgan_repro.training.material.DiversityMeter", Diverse)
        patch.setattr(session_module, "write_final_pictures", lambda *arguments: None)
        config = tiny_config(
            dataset=f"folder:{root / 'pictures'}", width=0.0625, batch_size=4, steps=STEPS, run_dir=str(root / "run")
        )
        run = train(config).run
        session = TrainingSession(run.read_config()[0])
        session.find_pictures()
        session.prepare()
        states = {}
        for step, path in run.list_checkpoints().items():
            restore_checkpoint(path, session.gan)
            states[step] = digest(session.gan)
        for name in ("run", "pictures"):
            shutil.copytree(root / name, root / "kept" / name)
        rows = read_json_lines(run.log)
        built = {}

        def build_once(config, shape, classes):
            key = json.dumps([config.to_json(), shape, classes])
            if key not in built:
                built[key] = build(config, shape, classes)
            return built[key]

        build = session_module.build_gan
        patch.setattr(session_module, "build_gan", build_once)

        def reached(run, gan):
            raise Reached(int(gan.step), digest(gan), read_json_lines(run.log))

        patch.setattr(TrainingSession, "fit", lambda session, *arguments: reached(session.run, session.gan))
        patch.setattr(session_module, "write_final_pictures", lambda run, gan, classes: reached(run, gan))
        yield SimpleNamespace(root=root, run=run, pictures=root / "pictures", states=states, rows=rows)


def renew(original):
    """The run and its pictures as they were."""
    for name in ("run", "pictures"):
        shutil.rmtree(original.root / name, ignore_errors=True)
        shutil.copytree(original.root / "kept" / name, original.root / name)


def change(original, data):
    """Change something of the run or its pictures at random."""
    kind = data.draw(st.sampled_from([file_changes, choice_changes, record_changes, checkpoint_changes, data_changes]))
    kind(original, data)


def file_changes(original, data):
    files = sorted(path for path in original.run.path.rglob("*") if path.is_file() and "tensorboard" not in path.parts)
    path = data.draw(st.sampled_from(files), "file")
    content = path.read_bytes()
    kind = data.draw(st.sampled_from(["flip", "cut", "empty", "append", "remove"]))
    place = data.draw(st.integers(0, max(0, len(content) - 1)))
    if kind == "remove":
        path.unlink()
    elif kind == "flip" and content:
        flipped = content[place] ^ (1 << data.draw(st.integers(0, 7)))
        path.write_bytes(content[:place] + bytes([flipped]) + content[place + 1 :])
    elif kind == "append":
        path.write_bytes(content + data.draw(st.binary(min_size=1, max_size=20)))
    else:
        path.write_bytes(content[:place] if kind == "cut" else b"")


def choice_changes(original, data):
    if not original.run.config.exists():
        return
    try:
        facts = json.loads(original.run.config.read_text())
        values = facts["config"] if data.draw(st.booleans()) else facts
        name = data.draw(st.sampled_from(sorted(values)), "choice")
    except (ValueError, KeyError, TypeError):
        return  # changed before
    if data.draw(st.booleans()):
        values[name] = data.draw(VALUES, "value")
    else:
        del values[name]
    original.run.config.write_text(json.dumps(facts))


def record_changes(original, data):
    try:
        rows = read_json_lines(original.run.log)
    except (OSError, ValueError):
        return
    if not rows:
        return
    index = data.draw(st.integers(0, len(rows) - 1))
    kind = data.draw(st.sampled_from(["drop", "double", "value", "swap", "later"]))
    if kind == "drop":
        del rows[index]
    elif kind == "double":
        rows.insert(index, rows[index])
    elif kind == "value":
        rows[index] = {**rows[index], data.draw(st.sampled_from(["d_loss", "step"])): data.draw(VALUES)}
    elif kind == "swap":
        rows.reverse()
    else:
        rows.append({**rows[-1], "step": 7})
    write_json_lines(original.run.log, rows)


def checkpoint_changes(original, data):
    found = list(original.run.list_checkpoints().values())
    if not found:
        return
    path = data.draw(st.sampled_from(found), "checkpoint")
    kind = data.draw(st.sampled_from(["remove", "rename", "copy", "all", "half"]))
    if kind in ("remove", "all"):
        for each in found if kind == "all" else [path]:
            shutil.rmtree(each)
    elif kind == "rename":
        # Both may be drawn twice.
        later = [path.with_name(f"step_{step:08d}") for step in (8, 10, 12, 14)]
        path.rename(next(each for each in later if not each.exists()))
    elif kind == "copy":
        shutil.copytree(path, path.with_name("step_00000009"), dirs_exist_ok=True)
    else:
        shutil.copytree(path, path.with_name(".step-abcdefgh"), dirs_exist_ok=True)


def data_changes(original, data):
    folder = original.pictures
    if not folder.exists():
        return
    files = sorted(folder.rglob("*.png"))
    kind = data.draw(st.sampled_from(["class", "hidden", "more", "fewer", "pixel", "rename", "touch", "gone", "size"]))
    new = Image.fromarray(np.full((16, 16, 3), 7, np.uint8))
    if kind in ("class", "hidden"):
        place = folder / ("eel" if kind == "class" else ".ipynb_checkpoints")
        place.mkdir(exist_ok=True)
        new.save(place / "0.png")
    elif kind == "gone":
        shutil.rmtree(folder)
    elif kind == "rename":
        (folder / "dog").rename(folder / "ant") if (folder / "dog").exists() else None
    elif files:
        path = data.draw(st.sampled_from(files), "picture")
        if kind == "more":
            new.save(path.with_name("new.png"))
        elif kind == "fewer":
            path.unlink()
        elif kind == "pixel":
            image = np.asarray(Image.open(path)).copy()
            image[3, 3, 0] ^= 64
            Image.fromarray(image).save(path)
        elif kind == "touch":
            path.touch()
        else:
            new.resize((20, 20)).save(path)


def goes_on_exactly_or_stays_as_it_is(data, original):
    renew(original)
    for _ in range(data.draw(st.integers(1, 2))):
        change(original, data)
    before = contents(original.run.path)
    try:
        with pytest.raises(Reached) as reached:
            resume(original.run.path, {"steps": 10})
    except UserError as error:
        assert "\n" not in str(error)
        assert contents(original.run.path) == before
        return
    step, state, rows = reached.value.args
    assert state == original.states[step]
    assert rows == [row for row in original.rows if row["step"] <= step]


SUITE = {"deadline": None, "database": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=50, **SUITE)
@given(data=st.data())
def test_whatever_changes_a_run_goes_on_exactly_or_stays_as_it_is(data, original):
    goes_on_exactly_or_stays_as_it_is(data, original)


@pytest.mark.long
@settings(max_examples=300, **SUITE)
@given(data=st.data())
def test_whatever_else_changes_a_run_goes_on_exactly_or_stays_as_it_is(data, original):
    goes_on_exactly_or_stays_as_it_is(data, original)


def test_pictures_that_lie_elsewhere_now_are_asked_for_and_compared(original, tmp_path):
    renew(original)
    moved = original.pictures.rename(tmp_path / "moved")
    before = contents(original.run.path)
    with pytest.raises(UserError, match="no such folder: .*pictures; --dataset folder:PATH says where the pictures"):
        resume(original.run.path, {"steps": 10})
    with pytest.raises(UserError, match="--dataset shapes differs from the run's folder:"):
        resume(original.run.path, {"steps": 10, "dataset": "shapes"})
    (tmp_path / "others" / "cat").mkdir(parents=True)
    shutil.copy(moved / "cat" / "0.png", tmp_path / "others" / "cat")
    shutil.copy(moved / "cat" / "1.png", tmp_path / "others" / "cat")
    shutil.copytree(moved / "dog", tmp_path / "others" / "dog")
    with pytest.raises(UserError, match="others is no longer what .* was trained on: "):
        resume(original.run.path, {"steps": 10, "dataset": f"folder:{tmp_path / 'others'}"})
    assert contents(original.run.path) == before
    with pytest.raises(Reached) as reached:
        resume(original.run.path, {"steps": 10, "dataset": f"folder:{moved}"})
    step, state, _ = reached.value.args
    assert (step, state) == (STEPS, original.states[STEPS])
    assert RunDirectory(original.run.path).read_config()[0].dataset == f"folder:{moved}"


def test_a_finished_run_remembers_where_its_pictures_lie_now(original, tmp_path):
    renew(original)
    moved, run = original.pictures.rename(tmp_path / "moved"), RunDirectory(original.run.path)
    facts = run.read_facts()
    with pytest.raises(Reached):
        resume(run.path, {"dataset": f"folder:{moved}"})
    facts["config"]["dataset"] = f"folder:{moved}"
    assert run.read_facts() == facts


def test_one_class_more_is_refused_in_words_and_accepted_only_where_the_networks_fit(original):
    renew(original)
    (original.pictures / "eel").mkdir()
    Image.fromarray(np.full((16, 16, 3), 7, np.uint8)).save(original.pictures / "eel" / "0.png")
    before = contents(original.run.path)
    with pytest.raises(UserError, match="3 classes with eel, instead of 2; .* --accept-changed-data"):
        resume(original.run.path, {"steps": 10})
    assert contents(original.run.path) == before
    # These networks are told no classes.
    with pytest.raises(Reached) as reached:
        resume(original.run.path, {"steps": 10}, accept_changed_data=True)
    assert reached.value.args[0] == STEPS
    assert list(RunDirectory(original.run.path).read_config()[2]) == ["cat", "dog", "eel"]
    assert (original.run.path / "set-aside-1" / "log.jsonl").exists()


def test_what_a_resume_cannot_use_is_kept(original, capsys):
    renew(original)
    damaged = original.run.checkpoints / "step_00000006"
    (damaged / "state.npz").write_bytes(b"half")
    with pytest.raises(Reached) as reached:
        resume(original.run.path, {"steps": 10})
    assert reached.value.args[0] == 4
    kept = original.run.path / "set-aside-1"
    assert f"is kept in {kept}" in capsys.readouterr().err
    assert (kept / "step_00000006" / "state.npz").read_bytes() == b"half"
    assert [row["step"] for row in read_json_lines(kept / "log.jsonl")] == [2, 4, 6]
