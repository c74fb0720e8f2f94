"""Image sets of TensorFlow Datasets."""

import contextlib
import os
import sys
from functools import partial

import numpy as np

from tfgan_repro.data.pictures import Pictures
from tfgan_repro.errors import UserError

PROBE_SECONDS = 10


def load_tfds(name, split, data_dir=None):
    """Load an image set of TensorFlow Datasets, downloading it the first time.

    Args:
        name: the set's name in TFDS.
        split: "train" or "test".
        data_dir: where TFDS keeps its sets; None for `$TFDS_DATA_DIR` or TFDS's own default.

    Returns:
        A `Pictures`.

    Raises:
        UserError: the set is not there and cannot be downloaded or written.
    """
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    # TFDS itself reads the variable only once, when it is imported.
    data_dir = data_dir or os.environ.get("TFDS_DATA_DIR")
    builder = tfds.builder(name, data_dir=data_dir, try_gcs=False)
    if not builder.is_prepared():
        download(builder)
    pictures = builder.as_dataset(split=split, batch_size=-1)
    return Pictures(
        name=name,
        split=split,
        images=pictures["image"].numpy(),
        labels=pictures["label"].numpy().astype(np.int32),
        class_names=tuple(builder.info.features["label"].names),
    )


def download(builder):
    """Let TFDS download and prepare a set, or say in one line why it cannot."""
    import requests
    import tensorflow as tf
    import tensorflow_datasets as tfds

    try:
        # TFDS would try for minutes before it gives up on a machine without a network.
        for address in list(builder.url_infos)[:1]:
            requests.head(address, timeout=PROBE_SECONDS)
        # Its messages are not results.
        with contextlib.redirect_stdout(sys.stderr):
            builder.download_and_prepare()
    except (OSError, requests.RequestException, tfds.download.DownloadError, tf.errors.OpError) as error:
        raise UserError(
            f"{builder.name} is not in {builder.data_path.parent.parent} and could not be downloaded "
            f"({type(error).__name__}); point --data-dir or TFDS_DATA_DIR at a prepared copy, "
            "or try --dataset shapes, which needs no download"
        ) from error


load_cifar10 = partial(load_tfds, "cifar10")
load_mnist = partial(load_tfds, "mnist")
