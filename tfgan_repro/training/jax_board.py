"""TensorBoard's event file, written without TensorFlow."""

import contextlib
import io
import os
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


class Board:
    """Writes scalars and pictures for TensorBoard; writes nothing where TensorBoard is not installed.

    Args:
        folder: where the event file goes.
    """

    def __init__(self, folder):
        self.writer: Any = None
        # An extra: the run directory has the same numbers in log.jsonl.
        with contextlib.suppress(ImportError):
            from tensorboard.compat import proto  # noqa: F401
            from tensorboard.summary.writer.record_writer import RecordWriter

            name = f"events.out.tfevents.{int(time.time())}.{platform.node()}.{os.getpid()}.v2"
            self.writer = RecordWriter(open(Path(folder) / name, "wb"))
            self.write(file_version="brain.Event:2")

    def scalars(self, step, values):
        """Write scalars, a dictionary by name."""
        for name, value in values.items():
            self.summary(step, name, "scalars", np.float32(value))

    def picture(self, step, name, picture):
        """Write a picture, uint8 `[height, width, channels]`."""
        file = io.BytesIO()
        Image.fromarray(picture.squeeze(2) if picture.shape[2] == 1 else picture).save(file, "PNG")
        height, width = (str(side).encode() for side in picture.shape[:2])
        self.summary(step, name, "images", np.array([width, height, file.getvalue()], object))

    def summary(self, step, name, plugin, value):
        if self.writer is None:
            return
        from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
        from tensorboard.util.tensor_util import make_tensor_proto

        metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name=plugin))
        entry = Summary.Value(tag=name, metadata=metadata, tensor=make_tensor_proto(value))
        self.write(step=step, summary=Summary(value=[entry]))

    def write(self, **fields):
        from tensorboard.compat.proto.event_pb2 import Event

        self.writer.write(Event(wall_time=time.time(), **fields).SerializeToString())
        self.writer.flush()

    def close(self):
        """Close the file. What could not be written by now has been told before."""
        if self.writer is not None:
            with contextlib.suppress(OSError):
                self.writer.close()
