"""Names for what has no type hints of its own."""

from collections.abc import Callable
from typing import Any

# Keras and its backends say no types.
Tensor = Any  # of the backend in use, or anything that `keras.ops` takes for one
Network = Any  # a `keras.Model`
# Called with how many are done.
Progress = Callable[[int], Any]
