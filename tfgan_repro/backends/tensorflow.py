"""What TensorFlow has a way of its own for, besides the training."""

import functools
import weakref
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfgan_repro.backends.processor import cpu_has_bfloat16, processor
from tfgan_repro.types import Network, Tensor

_calls: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()


def be_quiet() -> None:
    """Say nothing that tells a user nothing."""
    import absl.logging

    absl.logging.set_verbosity(absl.logging.ERROR)
    tf.get_logger().setLevel("ERROR")


def has_accelerator() -> bool:
    """Whether anything but the processor computes."""
    return any(tf.config.list_physical_devices(kind) for kind in ("GPU", "TPU"))


def replicas() -> int:
    """How many replicas what is built now will have."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def device() -> dict[str, Any]:
    """What computes: its `kind` ("cpu" or "gpu"), its model's `name`, and the `count` of devices, or of cores."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return processor()
    details = tf.config.experimental.get_device_details(gpus[0])
    return {"kind": "gpu", "name": details.get("device_name", "unknown"), "count": len(gpus)}


def device_memory() -> int:
    """The most bytes that this process has taken of an accelerator's own memory; 0 where there is none."""
    count = len(tf.config.list_physical_devices("GPU"))
    peaks = [tf.config.experimental.get_memory_info(f"GPU:{number}")["peak"] for number in range(count)]
    return max(peaks, default=0)


def prefers_bfloat16() -> bool:
    """Whether the device has units for bfloat16."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        return tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0)) >= (8, 0)
    return cpu_has_bfloat16()


def multiplies_small_grids_faster() -> bool:
    """Whether `tfgan_repro.backends.small_grids` pays in bfloat16: on a processor."""
    return not has_accelerator()


def normalize(images: Tensor, scale: Tensor, shift: Tensor, epsilon: float) -> tuple[Tensor, Tensor, Tensor]:
    """Batch normalisation of images by their own statistics.

    Args:
        images: float32 or bfloat16 `[batch, height, width, channels]`.
        scale: float32 `[channels]`.
        shift: float32 `[channels]`.
        epsilon: added to the variance.

    Returns:
        The normalised images, and the mean and the variance, float32 `[channels]`.
    """
    none = tf.zeros(0)
    outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=images, scale=scale, offset=shift, mean=none, variance=none, epsilon=epsilon, is_training=True
    )
    places = tf.cast(tf.size(images) / tf.shape(images)[-1], tf.float32)
    # It comes as an estimate of a population's variance.
    return outputs, mean, variance * (places - 1) / places


def grouped_convolution(images: Tensor, kernel: Tensor, strides: tuple[int, int]) -> Tensor:
    """A "same" convolution.

    Args:
        images: `[batch, height, width, channels]`.
        kernel: `[size, size, channels / groups, filters]`.
        strides: in both directions.
    """
    if groups_have_gradients():
        return tf.nn.conv2d(images, kernel, strides, "SAME")
    return keras.ops.conv(images, kernel, strides, "same")


@functools.cache
def groups_have_gradients() -> bool:
    """Whether TensorFlow's own operation has gradients here, which processors have by oneDNN only."""
    shape, strides = (1, 3, 3, 4), [1, 1, 1, 1]
    with tf.init_scope():
        kernel, slopes = tf.zeros((3, 3, 2, 4)), tf.zeros(shape)
        try:
            tf.raw_ops.Conv2DBackpropInput(
                input_sizes=shape, filter=kernel, out_backprop=slopes, strides=strides, padding="SAME"
            )
        except (tf.errors.UnimplementedError, tf.errors.InvalidArgumentError):
            return False
    return True


def make_deterministic() -> None:
    """Let the same seed give the same weights, bit by bit, where that is free."""
    if not has_accelerator():
        tf.config.experimental.enable_op_determinism()


def multiply_exactly() -> None:
    """Keep a GPU from rounding the factors of float32 products to 10 bits."""
    tf.config.experimental.enable_tensor_float_32_execution(False)


def compiled_on_images(function: Callable, network: Network, dtype: str) -> Callable:
    """Compile a function of images `[batch, height, width, channels]` of a dtype, in which a network is called.

    Returns:
        A function to a dictionary of tensors; it takes batches of any size. A GPU rounds no factors of its float32
        products.
    """
    compiled = tf.function(function, input_signature=[tf.TensorSpec((None, None, None, None), dtype)])
    config = tf.config.experimental

    def exact(images: Tensor) -> dict[str, Tensor]:
        # Read when a kernel is launched; the training around this may round.
        before = config.tensor_float_32_execution_enabled()
        multiply_exactly()
        try:
            return compiled(images)
        finally:
            config.enable_tensor_float_32_execution(before)

    return exact


def inference(network: Network) -> Callable:
    """A network's call with standing batch statistics, on all devices of this process that it was trained on."""
    strategy = getattr(network, "distribute_strategy", None)
    if strategy is None or strategy.num_replicas_in_sync == 1:
        return functools.partial(network, training=False)
    if network not in _calls:
        _calls[network] = shared_inference(weakref.ref(network), strategy)
    return _calls[network]


def shared_inference(reference: Callable, strategy: Any) -> Callable:
    """A function of a batch that each replica of this process calls a network on a part of.

    Args:
        reference: to the network, weak.
        strategy: that it was made in.
    """

    def of_replica(parts: Any) -> Any:
        place = tf.distribute.get_replica_context().replica_id_in_sync_group % parts[0].shape[0]
        return reference()([part[place] for part in parts] if len(parts) > 1 else parts[0][place], training=False)

    on_all = tf.function(lambda parts: strategy.run(of_replica, args=(parts,)), reduce_retracing=True)
    devices = len(strategy.extended.worker_devices)

    def call(inputs: Any) -> np.ndarray:
        inputs = [np.asarray(values) for values in (inputs if isinstance(inputs, (list, tuple)) else [inputs])]
        count = len(inputs[0])
        # All parts are equally long: what is missing is made up of the last one, and thrown away.
        rows = np.minimum(np.arange(-(-count // devices) * devices), count - 1).reshape(devices, -1)
        images = on_all([tf.constant(values[rows]) for values in inputs])
        return np.concatenate([part.numpy() for part in strategy.experimental_local_results(images)])[:count]

    return call
