"""The callbacks of a run serve a plain `fit` as well."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.files import read_json_lines
from tfgan_repro.models.dcgan import DCGAN
from tfgan_repro.models.gan import GAN
from tfgan_repro.models.generation import labelled_images
from tfgan_repro.models.sagan import SAGAN
from tfgan_repro.scaling import scale
from tfgan_repro.training.callbacks import (
    BEST,
    CANDIDATES,
    FID,
    GRID_SEED,
    HealthMonitor,
    SampleGrid,
    TrainingGif,
    TrainingLog,
    best_images,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (48, 16, 16, 3), dtype=np.uint8)
LABELS = np.arange(48, dtype=np.int32) % 3


@pytest.mark.parametrize("at_once", [1, 4])
def test_a_plain_fit_is_logged_watched_scored_and_shown(at_once, tmp_path):
    # So narrow a network with one layer more begins with images that are equal in 8 bits: no diversity to be logged.
    gan = DCGAN(image_shape=(16, 16, 3), width=0.0625, latent_dim=8, full_resolution=False)
    gan.compile(steps_per_execution=at_once)
    monitor = HealthMonitor(IMAGES, every=5)
    fid = FID(IMAGES, every=2, count=10, path=tmp_path / "scores.jsonl", extractor="embedded")
    callbacks = [
        monitor,
        TrainingLog(tmp_path / "log.jsonl", every=5, images_per_step=8, monitor=monitor),
        SampleGrid(tmp_path / "samples", every=5),
        TrainingGif(tmp_path / "training.gif", tmp_path / "samples"),
        fid,
    ]
    history = gan.fit(IMAGES, batch_size=8, epochs=2, callbacks=callbacks, verbose=0)
    steps = {1: [5, 10, 12], 4: [6, 10, 12]}[at_once]
    rows = read_json_lines(tmp_path / "log.jsonl")
    assert [row["step"] for row in rows] == steps
    assert all(np.isfinite(row["d_loss"]) and row["diversity"] > 0 and row["health"] == [] for row in rows)
    assert all(row["images_per_second"] > 0 for row in rows)
    grids = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert grids == [f"step_{step:08d}.png" for step in [0, *steps]]
    assert (tmp_path / "training.gif").stat().st_size > 0
    (score,) = read_json_lines(tmp_path / "scores.jsonl")
    assert fid.scores[0]["value"] == score["value"] and score["step"] == 12 and score["metric"] == "FD-embedded"
    assert history.history["fid"] == [score["value"]]


def test_what_keras_stops_early_is_logged_scored_and_shown_to_its_end(tmp_path):
    gan = DCGAN(image_shape=(16, 16, 3), width=0.0625, latent_dim=8, full_resolution=False)
    gan.compile()
    stop = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(gan, "stop_training", True))
    fid = FID(IMAGES, every=0, count=10, extractor="embedded")
    log, grids = TrainingLog(tmp_path / "log.jsonl", every=4), SampleGrid(tmp_path / "samples", every=100)
    gan.fit(IMAGES, batch_size=8, epochs=9, callbacks=[log, grids, fid, stop], verbose=0)
    assert [row["step"] for row in read_json_lines(tmp_path / "log.jsonl")] == [4, 6]
    assert (tmp_path / "samples" / "step_00000006.png").exists() and [row["step"] for row in fid.scores] == [6]


def test_the_log_counts_the_devices_of_each_session(tmp_path, monkeypatch):
    gan = DCGAN(image_shape=(16, 16, 3), width=0.0625, latent_dim=8, full_resolution=False)
    gan.compile()
    state = None
    for cores in (1, 3):
        backend = SimpleNamespace(device=lambda: {"kind": "cpu", "name": "", "count": cores})
        monkeypatch.setattr("tfgan_repro.training.callbacks.backend_module", lambda: backend)
        log = TrainingLog(tmp_path / "log.jsonl", every=1, state=state)
        gan.fit(IMAGES[:8], batch_size=8, callbacks=[log], verbose=0)
        state = log.state
    first, second = read_json_lines(tmp_path / "log.jsonl")
    assert first["device_seconds"] == first["seconds"]
    later = second["seconds"] - first["seconds"]
    assert second["device_seconds"] == pytest.approx(first["seconds"] + 3 * later, abs=0.01)


def test_broken_images_have_no_score_and_are_the_worst_for_keras(tmp_path):
    gan = DCGAN(image_shape=(16, 16, 3), width=0.0625, latent_dim=8)
    gan.compile(ema_half_life=0)
    whole = gan.get_weights()

    def spoil(epoch, logs):
        if epoch == 0:
            gan.generator.set_weights([weight * np.nan for weight in gan.generator.get_weights()])

    def mend(epoch, logs):
        gan.set_weights(whole)

    fid = FID(IMAGES, count=10, extractor="embedded")
    best = keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", "fid", save_best_only=True, mode="min")
    ends = [keras.callbacks.LambdaCallback(on_epoch_end=do) for do in (spoil, mend)]
    history = gan.fit(IMAGES[:16], batch_size=16, epochs=2, callbacks=[ends[0], fid, best, ends[1]]).history
    assert fid.scores[0]["value"] is None and history["fid"] == [np.inf, fid.scores[1]["value"]]
    assert best.best == fid.scores[1]["value"] < np.inf


def test_a_conditional_model_shows_a_row_a_class_without_being_told_how_many(tmp_path):
    gan = SAGAN(image_shape=(16, 16, 3), num_classes=3, width=0.0625, latent_dim=8)
    gan.compile()
    grid = SampleGrid(tmp_path)
    gan.fit(IMAGES, LABELS, batch_size=8, steps_per_epoch=1, callbacks=[grid], verbose=0)
    picture = keras.utils.load_img(tmp_path / "step_00000001.png")
    assert picture.width / picture.height == pytest.approx(8 / 3, rel=0.1)


def test_a_monitor_is_told_the_classes_that_a_generator_does_not_tell():
    latents, labels = keras.Input((3,)), keras.Input((), dtype="int32")
    told = keras.layers.Concatenate()([latents, keras.ops.one_hot(labels, 3)])
    made = keras.layers.Reshape((16, 16, 3))(keras.layers.Dense(768, "tanh")(told))
    images = keras.Input((16, 16, 3))
    judge = keras.Model(images, keras.layers.Dense(1)(keras.layers.Flatten()(images)))
    gan = GAN(keras.Model([latents, labels], made), judge)
    gan.compile()
    with pytest.raises(UserError, match="does not tell how many classes it knows: give classes="):
        gan.fit(IMAGES, LABELS, callbacks=[HealthMonitor(IMAGES, every=1)], verbose=0)
    monitor = HealthMonitor(IMAGES, every=1, classes={"a": 1, "b": 1, "c": 2})
    gan.fit(IMAGES, LABELS, callbacks=[monitor], verbose=0)
    assert monitor.findings["diversity"] > 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: SampleGrid(folder, every=-1), "every -1: must be a whole number from 0 on"),
        (lambda folder: SampleGrid(folder, seed=-1), "seed -1: must be a whole number from 0 on"),
        (lambda folder: SampleGrid(folder, also=(0.5,)), "also 0.5: must be a whole number from 0 on"),
        (lambda folder: TrainingLog(folder / "log.jsonl", every=2.5), "every 2.5: must be a whole number from 0 on"),
        (lambda folder: HealthMonitor(every=-5), "every -5: must be a whole number from 0 on"),
        (lambda folder: FID(IMAGES, every=0.5, extractor="embedded"), "every 0.5: must be a whole number from 0 on"),
        (lambda folder: FID(IMAGES, count=1, extractor="embedded"), "count 1: must be a whole number from 2 on"),
        (lambda folder: FID(IMAGES[:1], extractor="embedded"), "give at least 4, not 1"),
        (lambda folder: FID((IMAGES, [0, 1]), extractor="embedded"), "a tuple of several shapes: expected one array"),
        (lambda folder: SampleGrid(folder, classes=["a", "b"]), r"\['a', 'b'\]: give the training images"),
        (lambda folder: FID(IMAGES, extractor="embedded", classes=3), "classes 3: give the training images of each"),
        (lambda folder: HealthMonitor(classes=("a",)), "give the training images of each, {'cat': 500, 'dog': 480}"),
        (lambda folder: FID(IMAGES, path=folder, extractor="embedded"), "is a folder; name a file"),
    ],
)
def test_what_a_callback_is_told_is_checked_when_it_is_made(make, message, tmp_path):
    with pytest.raises(UserError, match=message):
        make(tmp_path)
    assert not list(tmp_path.iterdir())


def test_callbacks_of_a_gan_refuse_what_they_cannot_show(tmp_path):
    other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    other.compile("sgd", "mse")
    two_channels = DCGAN((16, 16, 2), width=0.0625)
    two_channels.compile()
    for model, data, message in (
        (other, (np.zeros((4, 2)), np.zeros((4, 1))), "a Sequential does not count its steps"),
        (two_channels, (np.zeros((4, 16, 16, 2), np.float32),), "images of 1 or 3 channels, and these have 2"),
    ):
        with pytest.raises(UserError, match=message):
            model.fit(*data, verbose=0, callbacks=[SampleGrid(tmp_path / "samples")])


@pytest.mark.parametrize("model, labels", [(DCGAN, None), (SAGAN, LABELS)])
def test_the_best_images_at_a_wanted_step_are_those_that_the_discriminator_finds_most_real(model, labels, tmp_path):
    gan = model(image_shape=(16, 16, 3), num_classes=0 if labels is None else 3, width=0.0625, latent_dim=8)
    gan.compile()
    grid = SampleGrid(tmp_path, also=(1,))
    gan.fit(IMAGES, labels, batch_size=8, steps_per_epoch=2, callbacks=[grid], verbose=0)
    assert {path.name for path in tmp_path.glob("b*")} == {"best_00000001.png", "batch_00000001.png"}
    classes = {} if labels is None else dict.fromkeys("abc", 1)
    best, batch = best_images(gan, gan.sampling_generator, classes)
    candidates, shown = labelled_images(gan.sampling_generator, CANDIDATES, GRID_SEED, classes)
    shown = None if shown is None else keras.ops.convert_to_tensor(shown)
    logits = np.ravel(gan.discriminate(scale(candidates), shown, training=False)[0])
    assert len(best) == BEST
    np.testing.assert_array_equal(batch, candidates)
    np.testing.assert_array_equal(best[0], candidates[logits.argmax()])
    np.testing.assert_array_equal(best[-1], candidates[np.argsort(logits)[-BEST]])


def test_what_cannot_be_is_refused():
    with pytest.raises(UserError, match="unit 'hours'"):
        FID(IMAGES, unit="hours")
    with pytest.raises(UserError, match="type float64"):
        HealthMonitor(IMAGES / 255)
    with pytest.raises(UserError, match="reaction"):
        HealthMonitor(None, on_failure="shout")


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (SampleGrid, "taken: no folder can be made there: File exists"),
        (lambda path: SampleGrid(path / "grids"), "grids: no folder can be made there: Not a directory"),
        (lambda path: TrainingLog(path.parent), "is a folder; name a file"),
        (lambda path: TrainingGif(path / "training.gif", path.parent), "no folder can be made there"),
        (lambda path: FID(IMAGES, path=path / "scores.jsonl", extractor="embedded"), "no folder can be made there"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_noticed_before_the_first_step(callback, message, tmp_path):
    (tmp_path / "taken").touch()
    gan = DCGAN(image_shape=(16, 16, 3), width=0.0625, latent_dim=8)
    gan.compile()
    with pytest.raises(UserError, match=message):
        gan.fit(IMAGES, batch_size=8, callbacks=[callback(tmp_path / "taken")], verbose=0)
    assert int(gan.step) == 0


def test_a_log_makes_the_folder_that_it_lies_in(tmp_path):
    gan = DCGAN(image_shape=(16, 16, 3), width=0.0625, latent_dim=8)
    gan.compile()
    gan.fit(IMAGES[:8], callbacks=[TrainingLog(tmp_path / "new" / "log.jsonl", every=1)], verbose=0)
    assert len(read_json_lines(tmp_path / "new" / "log.jsonl")) == 1
