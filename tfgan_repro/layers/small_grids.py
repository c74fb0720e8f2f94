"""Convolutions of small grids with gradients that a processor with units for bfloat16 computes faster.

oneDNN takes the gradient with respect to a kernel as a product over the places of a row. A row of 4 places fills an
eighth of a tile of the matrix units, so that the gradients of the innermost layers, which have the most channels, cost
several times what their arithmetic would. Here the places of all images are the rows of one matrix.
`benchmarks/small_grids.py` measures where that pays.
"""

from typing import Any

import keras
from keras import layers, ops

from tfgan_repro.types import Tensor

WIDEST = 8  # places a row of the smaller grid
WIDEST_TRANSPOSED = 4
FEWEST = 128 * 128  # input times output channels


def pays(width: int, channels_in: int, channels_out: int, size: int, stride: int, dtype: str) -> bool:
    """Whether products are faster for a convolution whose smaller grid is `width` places wide."""
    small = width <= WIDEST and channels_in * channels_out >= FEWEST
    return dtype == "bfloat16" and small and size > 1 and size % stride == 0


def patches(images: Tensor, size: int, stride: int) -> Tensor:
    """What each place of a "same" convolution sees.

    Args:
        images: `[batch, height, width, channels]`, whose sides are multiples of the stride.
        size: the kernel's side, a multiple of the stride.
        stride: of the convolution.

    Returns:
        `[batch, height / stride, width / stride, size * size * channels]`, in the order of `kernel_matrix`.
    """
    before = (size - stride) // 2
    edges = (before, size - stride - before)
    cells = in_cells(ops.pad(images, [(0, 0), edges, edges, (0, 0)]), stride)
    reach = size // stride
    height, width = cells.shape[1] - reach + 1, cells.shape[2] - reach + 1
    shifts = [cells[:, y : y + height, x : x + width] for y in range(reach) for x in range(reach)]
    return ops.concatenate(shifts, axis=-1)


def scattered(columns: Tensor, size: int, stride: int) -> Tensor:
    """The adjoint of `patches`: adds to each place what all places that see it have for it.

    Args:
        columns: `[batch, height, width, size * size * channels]`.
        size: as in `patches`.
        stride: as in `patches`.

    Returns:
        `[batch, height * stride, width * stride, channels]`.
    """
    reach, before = size // stride, (size - stride) // 2
    height, width = columns.shape[1] * stride, columns.shape[2] * stride
    shifts = iter(ops.split(columns, reach * reach, axis=-1))
    cells = sum(
        ops.pad(next(shifts), [(0, 0), (y, reach - 1 - y), (x, reach - 1 - x), (0, 0)])
        for y in range(reach)
        for x in range(reach)
    )
    return out_of_cells(cells, stride)[:, before : before + height, before : before + width]


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


def kernel_matrix(kernel: Tensor, stride: int) -> Tensor:
    """A kernel `[size, size, a, b]` as `[size * size * a, b]`, in the order of `patches`."""
    size, _, inner, outer = kernel.shape
    reach = size // stride
    parts = ops.reshape(kernel, (reach, stride, reach, stride, inner, outer))
    return ops.reshape(ops.transpose(parts, (0, 2, 1, 3, 4, 5)), (-1, outer))


def convolution(images: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """A "same" convolution with the gradients of this module.

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

        if images.shape[2] > WIDEST_TRANSPOSED:
            return ops.conv_transpose(images, kernel, stride, "same"), gradients
        columns = ops.matmul(images, ops.transpose(kernel_matrix(kernel, stride)))
        return scattered(columns, kernel.shape[0], stride), gradients

    return apply(images, kernel)


def kernel_gradient(images: Tensor, upstream: Tensor, size: int, stride: int) -> Tensor:
    """The gradient of `convolution` with respect to its kernel: one product over all places of all images.

    Args:
        images: `[batch, height, width, channels]`.
        upstream: the gradient with respect to the outputs, `[batch, height / stride, width / stride, filters]`.
        size: the kernel's side.
        stride: in both directions.

    Returns:
        `[size, size, channels, filters]`.
    """
    reach, channels, filters = size // stride, images.shape[3], upstream.shape[3]
    columns = ops.reshape(patches(images, size, stride), (-1, size * size * channels))
    matrix = ops.matmul(ops.transpose(columns), ops.reshape(upstream, (-1, filters)))
    parts = ops.reshape(matrix, (reach, reach, stride, stride, channels, filters))
    return ops.reshape(ops.transpose(parts, (0, 2, 1, 3, 4, 5)), (size, size, channels, filters))


@keras.saving.register_keras_serializable("tfgan_repro")
class Conv2D(layers.Conv2D):
    """`keras.layers.Conv2D`, square and padded "same", whose gradients on small grids are products."""

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
