"""Convolutions of small grids that a processor with units for bfloat16 computes faster as products of matrices.

oneDNN goes along the places of a row. A row of 4 places fills an eighth of a tile of the matrix units, so that the
gradients of the innermost layers, which have the most channels, cost several times what their arithmetic would. Here
the places of all images are the rows of one matrix. Pixels are taken in cells of stride by stride, so that a kernel
covers a few whole cells. `benchmarks/small_grids.py` measures where that pays.
"""

import itertools
from typing import Any

import keras
from keras import layers, ops

from tfgan_repro.types import Tensor

WIDEST = 8  # places a row of the smaller grid
FEWEST = 64 * 128  # input times output channels
# The outputs and their gradient with respect to the inputs, likewise: there products pay only where the kernel is too
# large for the caches.
WIDEST_OF_LARGE = 4
FEWEST_OF_LARGE = 256 * 512


def pays(width: int, channels_in: int, channels_out: int, size: int, stride: int, dtype: str) -> bool:
    """Whether products are faster for a convolution whose smaller grid is `width` places wide."""
    small = width <= WIDEST and channels_in * channels_out >= FEWEST
    return dtype == "bfloat16" and small and size > 1 and size % stride == 0


def is_large(kernel: Tensor, width: int) -> bool:
    """Whether the outputs of a kernel on such a grid are faster as products too."""
    return kernel.shape[2] * kernel.shape[3] >= FEWEST_OF_LARGE and width <= WIDEST_OF_LARGE


def shifts(size: int, stride: int) -> list[tuple[int, ...]]:
    """How far, in cells, the squares of `stride` by `stride` pixels that a kernel covers lie from its corner."""
    return list(itertools.product(range(size // stride), repeat=2))


def edges(size: int, stride: int) -> tuple[int, int]:
    """What "same" padding adds before and behind a side that is a multiple of the stride."""
    return (size - stride) // 2, (size - stride + 1) // 2


def in_cells(images: Tensor, side: int) -> Tensor:
    """Images with the pixels of each square of `side` by `side` behind each other: space to depth."""
    _, height, width, channels = images.shape
    cells = ops.reshape(images, (-1, height // side, side, width // side, side, channels))
    return ops.reshape(
        ops.transpose(cells, (0, 1, 3, 2, 4, 5)), (-1, height // side, width // side, side * side * channels)
    )


def out_of_cells(cells: Tensor, side: int) -> Tensor:
    """The inverse of `in_cells`: depth to space."""
    _, height, width, depth = cells.shape
    images = ops.reshape(cells, (-1, height, width, side, side, depth // side**2))
    return ops.reshape(
        ops.transpose(images, (0, 1, 3, 2, 4, 5)), (-1, height * side, width * side, depth // side**2)
    )


def kernel_matrices(kernel: Tensor, stride: int) -> Tensor:
    """A kernel `[size, size, a, b]` as a matrix a shift, `[shifts, stride * stride * a, b]`."""
    size, _, inner, outer = kernel.shape
    reach = size // stride
    parts = ops.reshape(kernel, (reach, stride, reach, stride, inner, outer))
    return ops.reshape(ops.transpose(parts, (0, 2, 1, 3, 4, 5)), (reach * reach, -1, outer))


def convolution(images: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """A "same" convolution.

    Args:
        images: `[batch, height, width, channels]`, whose sides are multiples of the stride.
        kernel: `[size, size, channels, filters]`; the size is a multiple of the stride.
        stride: in both directions.

    Returns:
        `[batch, height / stride, width / stride, filters]`, differentiable any number of times.
    """

    @ops.custom_gradient
    def apply(images: Tensor, kernel: Tensor) -> Any:
        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            return transposed(upstream, kernel, stride), kernel_gradient(images, upstream, kernel.shape[0], stride)

        if is_large(kernel, images.shape[2] // stride):
            return gathered(images, kernel, stride), gradients
        return ops.conv(images, kernel, stride, "same"), gradients

    return apply(images, kernel)


def transposed(images: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """The adjoint of `convolution`, a transposed convolution.

    Args:
        images: `[batch, height, width, filters]`.
        kernel: `[size, size, channels, filters]`.
        stride: in both directions.

    Returns:
        `[batch, height * stride, width * stride, channels]`.
    """

    @ops.custom_gradient
    def apply(images: Tensor, kernel: Tensor) -> Any:
        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            return convolution(upstream, kernel, stride), kernel_gradient(upstream, images, kernel.shape[0], stride)

        if is_large(kernel, images.shape[2]):
            return scattered(images, kernel, stride), gradients
        return ops.conv_transpose(images, kernel, stride, "same"), gradients

    return apply(images, kernel)


def seen_cells(images: Tensor, size: int, stride: int) -> list[Tensor]:
    """The cells at each shift of a kernel from its place, `[batch, height / stride, width / stride, depth]` each."""
    _, height, width, _ = images.shape
    margin = edges(size, stride)
    cells = in_cells(ops.pad(images, [(0, 0), margin, margin, (0, 0)]), stride)
    return [cells[:, y : y + height // stride, x : x + width // stride] for y, x in shifts(size, stride)]


def gathered(images: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """`convolution` as one product: a row is all that the kernel covers at a place."""
    size, _, _, filters = kernel.shape
    _, height, width, _ = images.shape
    rows = ops.concatenate(seen_cells(images, size, stride), axis=-1)
    matrix = ops.reshape(kernel_matrices(kernel, stride), (-1, filters))
    product = ops.matmul(ops.reshape(rows, (-1, rows.shape[3])), matrix)
    return ops.reshape(product, (-1, height // stride, width // stride, filters))


def scattered(images: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """`transposed` as a product a shift, of which each adds to the cells that lie so far from a place."""
    size, _, channels, filters = kernel.shape
    _, height, width, _ = images.shape
    reach, (before, _) = size // stride, edges(size, stride)
    rows, matrices = ops.reshape(images, (-1, filters)), kernel_matrices(kernel, stride)
    cells = []
    for number, (y, x) in enumerate(shifts(size, stride)):
        product = ops.matmul(rows, ops.transpose(matrices[number]))
        product = ops.reshape(product, (-1, height, width, stride * stride * channels))
        cells.append(ops.pad(product, [(0, 0), (y, reach - 1 - y), (x, reach - 1 - x), (0, 0)]))
    whole = out_of_cells(sum(cells), stride)
    return whole[:, before : before + height * stride, before : before + width * stride]


def kernel_gradient(images: Tensor, upstream: Tensor, size: int, stride: int) -> Tensor:
    """The gradient of `convolution` with respect to its kernel: a product a shift, over all places of all images.

    Args:
        images: `[batch, height, width, channels]`.
        upstream: the gradient with respect to the outputs, `[batch, height / stride, width / stride, filters]`.
        size: the kernel's side.
        stride: in both directions.

    Returns:
        `[size, size, channels, filters]`.
    """
    reach, channels, filters = size // stride, images.shape[3], upstream.shape[3]
    rows = ops.reshape(upstream, (-1, filters))
    products = [
        ops.matmul(ops.transpose(ops.reshape(cells, (-1, cells.shape[3]))), rows)
        for cells in seen_cells(images, size, stride)
    ]
    parts = ops.reshape(ops.stack(products), (reach, reach, stride, stride, channels, filters))
    return ops.reshape(ops.transpose(parts, (0, 2, 1, 3, 4, 5)), (size, size, channels, filters))


@keras.saving.register_keras_serializable("tfgan_repro")
class Conv2D(layers.Conv2D):
    """`keras.layers.Conv2D`, square and padded "same", which is products on small grids."""

    def convolution_op(self, inputs: Tensor, kernel: Any) -> Tensor:
        size, stride = self.kernel_size[0], self.strides[0]
        if inputs.shape[1] % stride or inputs.shape[2] % stride:
            return super().convolution_op(inputs, kernel)
        width = inputs.shape[2] // stride
        if not pays(width, inputs.shape[3], self.filters, size, stride, self.compute_dtype):
            return super().convolution_op(inputs, kernel)
        # The cast reads the variable, which a gradient cannot be taken of here.
        return convolution(inputs, ops.cast(kernel, inputs.dtype), stride)


@keras.saving.register_keras_serializable("tfgan_repro")
class Conv2DTranspose(layers.Conv2DTranspose):
    """`keras.layers.Conv2DTranspose`, as `Conv2D` and without activation."""

    def call(self, inputs: Tensor) -> Tensor:
        size, stride = self.kernel_size[0], self.strides[0]
        if not pays(inputs.shape[2], inputs.shape[3], self.filters, size, stride, self.compute_dtype):
            return super().call(inputs)
        outputs = transposed(inputs, ops.cast(self.kernel, inputs.dtype), stride)
        return outputs + self.bias if self.use_bias else outputs
