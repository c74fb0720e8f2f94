"""What TensorBoard shows of a run, read back by TensorBoard's own code."""

import json
import re

import imageio.v3 as imageio
import numpy as np
import pytest
from conftest import tiny_config
from tensorboard import context
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins import base_plugin
from tensorboard.plugins.graph import keras_util
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups
from tensorboard.util import tensor_util

from tfgan_repro.config import TrainConfig
from tfgan_repro.data import load_pictures
from tfgan_repro.report.grids import image_grid
from tfgan_repro.training.boards import MOST_VALUES, Histograms, hyperparameters
from tfgan_repro.runs.loading import build_gan
from tfgan_repro.training.session import resume, train


def events_of(folder):
    return EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()


def arrays_of(events, tag):
    """The arrays of a tag by step."""
    return {event.step: tensor_util.make_ndarray(event.tensor_proto) for event in events.Tensors(tag)}


@pytest.fixture(scope="module")
def events(tiny_run):
    return events_of(tiny_run.tensorboard)


def test_scalars_and_grids(events):
    tags = set(events.Tags()["tensors"])
    assert {"d_loss", "g_loss", "samples", "FD-embedded", "diversity", "health/mode-collapse"} <= tags
    assert list(arrays_of(events, "d_loss")) == [2, 4]
    # An image summary is width, height and PNGs.
    width, height, png = events.Tensors("samples")[0].tensor_proto.string_val[:3]
    assert (width, height) == (b"548", b"548") and png.startswith(b"\x89PNG")


def test_real_images_are_shown_once_as_they_are_trained_on(events, tiny_run):
    (event,) = events.Tensors("real images")
    shown = imageio.imread(event.tensor_proto.string_val[2])
    config, _, _ = tiny_run.read_config()
    real = load_pictures(config.dataset, image_size=config.image_size, preparation=config.preparation)
    real = real.read(np.arange(64))
    assert event.step == 0
    np.testing.assert_array_equal(shown, image_grid(real))


def test_histograms_of_all_weights_and_their_gradients(events, tiny_run):
    config, shape, classes = tiny_run.read_config()
    gan = build_gan(config, shape, len(classes))
    for player in (gan.generator, gan.discriminator):
        for weight in player.trainable_variables:
            found = arrays_of(events, f"weights/{player.name}/{weight.path}")
            assert list(found) == [0, 3, 4]
            # Left and right edge of each bin, and how many lie between.
            assert all(table[:, 2].sum() == np.prod(weight.shape) for table in found.values())
            assert list(arrays_of(events, f"gradients/{player.name}/{weight.path}")) == [3, 4]
    kernels = arrays_of(events, f"weights/generator/{gan.generator.trainable_variables[0].path}")
    assert not np.array_equal(kernels[0], kernels[4])
    slopes = arrays_of(events, f"gradients/generator/{gan.generator.trainable_variables[0].path}")
    assert slopes[4][0, 0] < 0 < slopes[4][-1, 1]


class Listener:
    """A board that remembers histograms."""

    def __init__(self):
        self.found = {}

    def histogram(self, step, name, counts, edges):
        self.found[name] = counts, edges


def test_large_variables_are_thinned_and_nan_is_left_out():
    board = Listener()
    callback = Histograms(board, None)
    callback.histogram(1, "large", np.arange(3 * MOST_VALUES, dtype=np.float32))
    callback.histogram(1, "some", np.array([np.nan, 1.0, np.inf, 2.0]))
    callback.histogram(1, "none", np.full(3, np.nan))
    assert set(board.found) == {"large", "some"}
    counts, edges = board.found["large"]
    assert counts.sum() == MOST_VALUES and edges[0] == 0 and edges[-1] == 3 * MOST_VALUES - 3
    assert board.found["some"][0].sum() == 2


def test_the_graphs_and_the_cost_of_a_step(events):
    for name, ends in (("generator", {"latents", "images"}), ("discriminator", {"images", "logits"})):
        (graph,) = arrays_of(events, name).values()
        nodes = {node.name for node in keras_util.keras_model_to_graph_def(json.loads(graph.item())).node}
        assert {f"{name}/{layer}" for layer in ends} <= nodes
    ((step, text),) = arrays_of(events, "cost").items()
    words = text.item().decode()
    # Of batch normalisation in one operation, that of bfloat16, TensorFlow counts nothing.
    (operations,) = re.findall(r"A step sees 8 real images and costs ([0-9.]+) GFLOP", words)
    assert step == 1 and float(operations) == pytest.approx(0.073, rel=0.02)
    assert "| generator | 13 | 62,051 |" in words


def session_groups(folder):
    """What the tab of hyperparameters lists: `(hyperparameters, scores)` by run."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer().AddRunsFromDirectory(str(folder)).Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, str(folder))
    backend = backend_context.Context(base_plugin.TBContext(data_provider=provider))
    statuses = [api_pb2.STATUS_UNKNOWN, api_pb2.STATUS_RUNNING, api_pb2.STATUS_SUCCESS]
    request = api_pb2.ListSessionGroupsRequest(start_index=0, slice_size=9, allowed_statuses=statuses)
    answer = list_session_groups.Handler(context.RequestContext(), backend, "", request).run()
    groups = {}
    for group in answer.session_groups:
        values = {name: getattr(value, value.WhichOneof("kind")) for name, value in group.hparams.items()}
        scores = {value.name.tag: (value.training_step, value.value) for value in group.metric_values}
        groups[group.sessions[0].name] = values, scores
    return groups


def test_runs_can_be_compared_by_their_hyperparameters(tmp_path):
    """Two runs, one of which goes on; no choice of where things lie is among them."""
    for name, rate in (("slow", 1e-4), ("fast", 1e-3)):
        train(tiny_config(run_dir=str(tmp_path / name), generator_learning_rate=rate, width=0.0625))
    resume(tmp_path / "fast", {"steps": 6})
    groups = session_groups(tmp_path)
    assert set(groups) == {"slow/tensorboard", "fast/tensorboard"}
    slow, fast = (groups[f"{name}/tensorboard"] for name in ("slow", "fast"))
    assert (slow[0]["generator_learning_rate"], fast[0]["generator_learning_rate"]) == (1e-4, 1e-3)
    assert slow[0]["model"] == "dcgan" and slow[0]["flip"] is False and "run_dir" not in slow[0]
    assert slow[1]["d_loss"][0] == 4 and fast[1]["d_loss"][0] == 6


def test_choices_that_are_none_are_no_hyperparameters():
    values = hyperparameters(TrainConfig(image_size=None, seed=3))
    assert "image_size" not in values and values["seed"] == 3
    assert all(isinstance(value, (bool, int, float, str)) for value in values.values())
