"""A run on TensorBoard: its event file, written without TensorFlow."""

import contextlib
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_repro.report.grids import png_bytes
from tfgan_repro.types import Network


class TensorBoard:
    """Writes TensorBoard's event file without TensorFlow, the same on every backend; nothing without `tensorboard`.

    Args:
        folder: where the event file goes.
    """

    def __init__(self, folder: Path | str) -> None:
        self.writer: Any = None
        # An extra on JAX: the run directory has the same numbers in log.jsonl.
        with contextlib.suppress(ImportError):
            from tensorboard.compat import proto  # noqa: F401
            from tensorboard.summary.writer.record_writer import RecordWriter

            # A run directory may be given away: the host's name, which others write here, stays out.
            name = f"events.out.tfevents.{time.time():.6f}.{os.getpid()}.v2"
            self.writer = RecordWriter(open(Path(folder) / name, "wb"))
            self.write(file_version="brain.Event:2")

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Write scalars, a dictionary by name."""
        for name, value in values.items():
            self.entry(step, name, "scalars", np.float32(value))

    def picture(self, step: int, name: str, picture: np.ndarray) -> None:
        """Write a picture, uint8 `[height, width, channels]`."""
        height, width = (str(side).encode() for side in picture.shape[:2])
        self.entry(step, name, "images", np.array([width, height, png_bytes(picture)], object))

    def histogram(self, step: int, name: str, counts: np.ndarray, edges: np.ndarray) -> None:
        """Write a histogram: how many values lie between each two of the edges, as `numpy.histogram` gives it."""
        self.entry(step, name, "histograms", np.stack([edges[:-1], edges[1:], counts], axis=1).astype(np.float64))

    def text(self, step: int, name: str, text: str) -> None:
        """Write a text in Markdown."""
        self.entry(step, name, "text", np.array([text.encode()], object))

    def network(self, name: str, network: Network) -> None:
        """Write the layers of a Keras model, for the tab of graphs."""
        self.entry(0, name, "graph_keras_model", np.array(network.to_json().encode(), object), b"1")

    def hyperparameters(self, values: Mapping[str, Any]) -> None:
        """Write what the tab of hyperparameters compares runs by: numbers, truth values and texts by name."""
        if self.writer is not None:
            from tensorboard.plugins.hparams.summary_v2 import hparams_pb

            self.write(step=0, summary=hparams_pb(values))

    def entry(self, step: int, name: str, plugin: str, value: Any, content: bytes = b"") -> None:
        """Write an array for one of TensorBoard's plugins."""
        if self.writer is None:
            return
        from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
        from tensorboard.util.tensor_util import make_tensor_proto

        data = SummaryMetadata.PluginData(plugin_name=plugin, content=content)
        entry = Summary.Value(tag=name, metadata=SummaryMetadata(plugin_data=data), tensor=make_tensor_proto(value))
        self.write(step=step, summary=Summary(value=[entry]))

    def write(self, **fields: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        self.writer.write(Event(wall_time=time.time(), **fields).SerializeToString())
        self.writer.flush()

    def close(self) -> None:
        """Close the file. What could not be written by now has been told before."""
        if self.writer is not None:
            with contextlib.suppress(OSError):
                self.writer.close()
