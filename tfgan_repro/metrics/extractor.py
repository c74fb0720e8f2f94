"""Pixels in, features out: any Keras model as a feature extractor."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
from keras import ops

from tfgan_repro.backends import backend_module
from tfgan_repro.errors import UserError, memory_told
from tfgan_repro.metrics.registries import EXTRACTORS, RESIZES
from tfgan_repro.metrics.images import as_image_set, at_once
from tfgan_repro.metrics.networks import compute_precision, feature_network, hash_network, hash_weights
from tfgan_repro.metrics.protocol import metric_label
from tfgan_repro.types import ImageSet, Network, Progress, Tensor


class KerasExtractor:
    """Features from a layer of a Keras model, with everything that a score's protocol must say about them.

    The model is cut at the layer: nothing after it is computed.

    Args:
        model: from float images `[batch, size, size, 3]` to features `[batch, dimension]`, or to a dictionary of
            `features` and, for metrics that need classes, `logits` `[batch, classes]`. Its weights must be set.
        layer: the name of the layer whose output is used as features; None for the output of the model.
        size: pixels a side to resize images to; None for the size of the model's input.
        resize: how: a name in `RESIZES`, or a function of images float32 `[batch, height, width, channels]` and the
            size.
        mean: subtracted from pixels in [0, 1], one number or three; None for 0.
        std: divides them afterwards, one number or three. With neither, the model gets pixels in [0, 255].
        name: the extractor's name in protocols and scores (FD-name); None for the model's name.
        logits: the name of the layer that gives logits, for the Inception Score; None for none.
        batch_size: images at once, fewer where these are large; None for a size that suits the device.
        precision: of the model's arithmetic, for protocols; None for that of its layers.

    Raises:
        UserError: no Keras model, no such layer, features that are not one vector an image, no size, or a mean or
            deviation that is not for pixels in [0, 1].
    """

    # Whether the hash takes the weights by their paths instead of in the model's order; paths of unnamed layers change
    # from process to process.
    hash_by_path = False

    def __init__(
        self,
        model: Network,
        layer: str | None = None,
        size: int | None = None,
        resize: str | Callable[[Tensor, int], Tensor] = "antialias",
        mean: float | Sequence[float] | None = None,
        std: float | Sequence[float] | None = None,
        name: str | None = None,
        logits: str | None = None,
        batch_size: int | None = None,
        precision: str | None = None,
    ) -> None:
        if not isinstance(model, keras.Model):
            raise UserError(f"model: expected a Keras model, received {type(model).__name__}")
        self.name = name or model.name
        if type(self) is KerasExtractor and self.name in EXTRACTORS:
            raise UserError(f"extractor name {self.name}: that of the package's own extractor; choose another")
        network, self.size = feature_network(model, layer, logits, size)
        self.layer = layer or "output"
        self.dimension = network.output["features"].shape[-1]
        self.has_logits = "logits" in network.output
        backend = backend_module()
        # On a processor larger batches are no faster and take hundreds of megabytes.
        self.batch_size = batch_size or (200 if backend.has_accelerator() else 24)
        self._resize_images = RESIZES.load(resize) if isinstance(resize, str) else on_floats(resize)
        self.resize = resize if isinstance(resize, str) else getattr(resize, "__name__", "custom")
        self.precision = precision or compute_precision(network)
        # The hash of features does not depend on whether the logits are computed as well.
        weights = keras.Model(network.inputs, network.output["features"]).weights
        self.weights_hash = hash_weights(
            sorted(weights, key=lambda weight: weight.path) if self.hash_by_path else weights
        )
        # A protocol does not say all of a network of the user's, and of a function only its name.
        told = type(self) is KerasExtractor and isinstance(resize, str)
        self._network_hash = hash_network(network) if told else None
        self._outside_graph = isinstance(resize, str) and getattr(self._resize_images, "outside_graph", False)
        self.scaling, preprocess = pixel_scaling(mean, std)

        def run(pixels: Tensor) -> dict[str, Tensor]:
            # A grey image has equal colours.
            pixels = ops.broadcast_to(pixels, (ops.shape(pixels)[0], self.size, self.size, 3))
            outputs = network(preprocess(pixels), training=False)
            return {name: ops.cast(value, "float32") for name, value in outputs.items()}

        def extract(images: Tensor) -> dict[str, Tensor]:
            pixels = ops.cast(images, "float32")
            if not self._outside_graph and (
                ops.shape(images)[1] != self.size or ops.shape(images)[2] != self.size
            ):
                pixels = self._resize_images(images, self.size)
            return run(pixels)

        self._extract = backend.compiled_on_images(extract, network, "uint8")
        self._extract_resized = backend.compiled_on_images(run, network, "float32")

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
            UserError: an image that cannot be read, no image at all, or a device without enough memory.
        """
        images = as_image_set(images)
        done = 0
        for batch in ahead(map(self._prepare, images.batches(at_once(images, self.batch_size)))):
            extract = self._extract if batch.dtype == np.uint8 else self._extract_resized
            with memory_told(f"the {self.name} extractor and {len(batch)} images at once"):
                outputs = {name: ops.convert_to_numpy(value) for name, value in extract(batch).items()}
            yield outputs
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
        if same and (right or not self._outside_graph):
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
            "layer": self.layer,
            "input_size": self.size,
            "scaling": self.scaling,
        }

    @property
    def cache_key(self) -> dict[str, Any] | None:
        """What features of this extractor are remembered under; None where it cannot be told from another one."""
        if type(self) is not KerasExtractor:
            return self.protocol
        return None if self._network_hash is None else {**self.protocol, "network": self._network_hash}


def on_floats(resize: Callable[[Tensor, int], Tensor]) -> Callable[[Tensor, int], Tensor]:
    """A user's function of float images, as one of pixels."""
    return lambda images, size: resize(ops.cast(images, "float32"), size)


def check_feature_count(features: int | None, known: Sequence[int | None], name: str) -> None:
    if features is not None and features not in known:
        raise UserError(f"--features {features}: the {name} extractor has {' or '.join(map(str, known))}")


def pixel_scaling(
    mean: float | Sequence[float] | None, std: float | Sequence[float] | None
) -> tuple[str, Callable[[Tensor], Tensor]]:
    """What becomes of pixels in [0, 255], in words and as a function.

    Raises:
        UserError: neither one number nor three, or numbers of pixels in [0, 255].
    """
    if mean is None and std is None:
        return "none", lambda pixels: pixels
    values = {}
    for kind, value in (("mean", 0.0 if mean is None else mean), ("std", 1.0 if std is None else std)):
        array = np.asarray(value, np.float64)
        if array.shape not in ((), (1,), (3,)) or not np.isfinite(array).all():
            raise UserError(f"{kind} {value}: expected one number or three, one a colour")
        if np.abs(array).max() > 1:
            raise UserError(f"{kind} {value}: is of pixels in [0, 255]; give that of pixels in [0, 1]")
        values[kind] = array
    if (values["std"] <= 0).any():
        raise UserError(f"std {std}: must be above 0")
    # Computed on pixels in [0, 255], where they are exact.
    shift, divisor = (np.asarray(255 * values[kind], np.float32) for kind in ("mean", "std"))
    words = ", ".join(f"{kind} {' '.join(f'{x:.6g}' for x in np.atleast_1d(v))}" for kind, v in values.items())
    return words, lambda pixels: (pixels - shift) / divisor


def ahead(items: Iterable[Any]) -> Iterator[Any]:
    """Yields the items of an iterator, computing the next one in a thread meanwhile."""
    items, end = iter(items), object()
    with ThreadPoolExecutor(1) as worker:
        upcoming = worker.submit(next, items, end)
        while (item := upcoming.result()) is not end:
            upcoming = worker.submit(next, items, end)
            yield item
