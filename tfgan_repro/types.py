"""Names for what has no type hints of its own."""

from collections.abc import Callable
from typing import Any

# Keras and its backends say no types.
Tensor = Any  # of the backend in use, or anything that `keras.ops` takes for one
Network = Any  # a `keras.Model`
# What `metrics.images.as_image_set` takes: an image set, an array of images, or pictures.
ImageSet = Any
# Called with how many are done, before which may stand the part of the work.
Progress = Callable[..., Any]
