"""What every feature extractor has in common."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
from keras import ops

from tfgan_repro.backends import backend_module
from tfgan_repro.errors import UserError
from tfgan_repro.metrics import PRECISIONS, RESIZES
from tfgan_repro.metrics.images import as_image_set
from tfgan_repro.metrics.metric import metric_label
from tfgan_repro.types import ImageSet, Network, Progress, Tensor


class Extractor:
    """Pixels in, features out.

    Args:
        name: the extractor's name in protocols.
        network: a Keras model from float32 `[batch, size, size, 3]` to a dictionary of `features`
            `[batch, dimension]` and, where the Inception Score is wanted, `logits` `[batch, classes]`.
        preprocess: from float32 pixels in [0, 255] to what the network expects.
        resize: a name in `tfgan_repro.metrics.RESIZES`.
        batch_size: images at once; None for what suits the device.
        precision: "float32" or "bfloat16", recorded in protocols.
    """

    def __init__(
        self,
        name: str,
        network: Network,
        preprocess: Callable[[Tensor], Tensor],
        resize: str,
        batch_size: int | None = None,
        precision: str = "float32",
    ) -> None:
        self.name = name
        self.dimension = network.output["features"].shape[-1]
        self.has_logits = "logits" in network.output
        backend = backend_module("tfgan_repro.backends.{}")
        # On a processor larger batches are no faster and take hundreds of megabytes.
        self.batch_size = batch_size or (200 if backend.has_accelerator() else 24)
        self.resize = resize
        self.precision = precision
        # The hash of features does not depend on whether the logits are computed as well.
        self.weights_hash = hash_weights(self._in_order(keras.Model(network.input, network.output["features"])))
        self.size, self._resize_images = network.input_shape[1], RESIZES.load(resize)
        outside = getattr(self._resize_images, "outside_graph", False)
        self._resizes_outside = outside

        def run(pixels: Tensor) -> dict[str, Tensor]:
            # A grey image has equal colours.
            pixels = ops.broadcast_to(pixels, (ops.shape(pixels)[0], self.size, self.size, 3))
            outputs = network(preprocess(pixels), training=False)
            return {name: ops.cast(value, "float32") for name, value in outputs.items()}

        def extract(images: Tensor) -> dict[str, Tensor]:
            pixels = ops.cast(images, "float32")
            if not outside and (ops.shape(images)[1] != self.size or ops.shape(images)[2] != self.size):
                pixels = self._resize_images(images, self.size)
            return run(pixels)

        self._extract = backend.compiled_on_images(extract, network, "uint8")
        self._extract_resized = backend.compiled_on_images(run, network, "float32")

    @staticmethod
    def _in_order(network: Network) -> list[Any]:
        """The network's weights in an order that is the same in every process."""
        return sorted(network.weights, key=lambda weight: weight.path)

    def label(self, metric: str) -> str:
        """What a metric on these features is called, e.g. "FID-imagenet"."""
        return metric_label(metric, self.name, self.dimension)

    def outputs(self, images: ImageSet, progress: Progress | None = None) -> Iterator[dict[str, np.ndarray]]:
        """The network's outputs, batch by batch; the next batch is decoded while one is computed.

        Args:
            images: uint8 `[count, height, width, 1 or 3]`, or an image set.
            progress: called with the number of images done so far.

        Yields:
            A dictionary of `features` float32 `[batch, dimension]` and, where the extractor has them, `logits`.

        Raises:
            UserError: an image that cannot be read, or no image at all.
        """
        images = as_image_set(images)
        done = 0
        for batch in ahead(map(self._prepare, images.batches(self.batch_size))):
            extract = self._extract if batch.dtype == np.uint8 else self._extract_resized
            outputs = extract(batch)
            yield {name: ops.convert_to_numpy(value) for name, value in outputs.items()}
            done += len(batch)
            if progress:
                progress(done)
        if not done:
            raise UserError(f"{images.name} holds no image that could be read")

    def __call__(self, images: ImageSet, progress: Progress | None = None) -> np.ndarray:
        """The features float32 `[count, dimension]` of images; arguments as in `outputs`."""
        return np.concatenate([outputs["features"] for outputs in self.outputs(images, progress)])

    def _prepare(self, batch: Any) -> np.ndarray:
        """A batch as uint8 of one size, or, where that is not possible, resized already, as float32."""
        same = len({image.shape for image in batch}) == 1
        right = batch[0].shape[:2] == (self.size, self.size)
        if same and (right or not self._resizes_outside):
            return np.asarray(batch) if isinstance(batch, np.ndarray) else np.stack(batch)
        return np.concatenate([self._resized(image[None]) for image in batch])

    def _resized(self, image: np.ndarray) -> np.ndarray:
        if image.shape[1:3] == (self.size, self.size):
            return image.astype(np.float32)
        return np.asarray(self._resize_images(image, self.size))

    @property
    def protocol(self) -> dict[str, Any]:
        """What a score must say about how its features were made."""
        return {
            "extractor": self.name,
            "weights_sha256": self.weights_hash,
            "features": self.dimension,
            "resize": self.resize,
            "precision": self.precision,
        }


def ahead(items: Iterable[Any]) -> Iterator[Any]:
    """Yields the items of an iterator, computing the next one in a thread meanwhile."""
    items, end = iter(items), object()
    with ThreadPoolExecutor(1) as worker:
        upcoming = worker.submit(next, items, end)
        while (item := upcoming.result()) is not end:
            upcoming = worker.submit(next, items, end)
            yield item


def check_precision(precision: str) -> None:
    """Raise a `UserError` for an unknown precision."""
    if precision not in PRECISIONS:
        raise UserError(f"--precision {precision}: must be {' or '.join(PRECISIONS)}")


def hash_weights(weights: Iterable[Any]) -> str:
    """The SHA-256 of Keras variables in their order, shortened to 16 digits."""
    digest = hashlib.sha256()
    for weight in weights:
        digest.update(ops.convert_to_numpy(ops.cast(weight, "float32")).tobytes())
    return digest.hexdigest()[:16]
