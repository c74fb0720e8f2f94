"""Names for what has no type hints of its own."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np

# Keras and its backends say no types.
Tensor = Any  # of the backend in use, or anything that `keras.ops` takes for one
Network = Any  # a `keras.Model`
Metrics = dict[str, Tensor]  # scalars by the names that they are logged under
# What `GAN.fit` trains on: what `data.pipeline.training_batches` gives, or a strategy has made of it.
Batches = Any
# What `metrics.images.as_image_set` takes: an image set, an array of images, or pictures.
ImageSet = Any
# Called with how many are done.
Progress = Callable[..., Any]


class FeatureExtractor(Protocol):
    """What features are made with: a `metrics.extractor.KerasExtractor` or what is used like one."""

    @property
    def dimension(self) -> int: ...

    @property
    def has_logits(self) -> bool: ...

    @property
    def protocol(self) -> dict[str, Any]: ...

    @property
    def cache_key(self) -> dict[str, Any] | None: ...

    def outputs(self, images: ImageSet, progress: Progress | None = None) -> "Iterator[dict[str, np.ndarray]]": ...
