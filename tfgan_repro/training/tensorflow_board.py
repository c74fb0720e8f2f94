"""TensorBoard's event file."""

import contextlib
import errno

import tensorflow as tf


class Board:
    """Writes scalars and pictures for TensorBoard; where it cannot, the error is an `OSError` as for any other file.

    TensorFlow has error classes of its own, one of which Keras would take for the end of the data.

    Args:
        folder: where the event file goes.
    """

    def __init__(self, folder):
        self.folder = folder
        self.writer = tf.summary.create_file_writer(str(folder))

    def scalars(self, step, values):
        """Write scalars, a dictionary by name."""
        with self.errors(), self.writer.as_default(step):
            for name, value in values.items():
                tf.summary.scalar(name, value)

    def picture(self, step, name, picture):
        """Write a picture, uint8 `[height, width, channels]`."""
        with self.errors(), self.writer.as_default(step):
            tf.summary.image(name, picture[None])

    def close(self):
        """Close the file. What could not be written by now has been told before."""
        with contextlib.suppress(OSError), self.errors():
            self.writer.close()

    @contextlib.contextmanager
    def errors(self):
        try:
            yield
        except tf.errors.OpError as error:
            raise OSError(errno.EIO, error.message, str(self.folder)) from error
