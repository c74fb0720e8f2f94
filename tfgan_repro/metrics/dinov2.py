"""DINOv2 (Oquab et al. 2023, arXiv:2304.07193), whose features are asked for in Inception's place.

Stein et al. 2023 (arXiv:2306.04675) found that distances on them agree with people better than those on Inception's.
Images are prepared as their dgm-eval does it: Pillow's bicubic to 224 pixels, ImageNet's mean and deviation; features
are the class token of ViT-L/14 after the last normalisation. The network is keras-hub's, an optional extra.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.extractor import KerasExtractor, check_feature_count
from tfgan_repro.metrics.inception_weights import quiet_download
from tfgan_repro.metrics.networks import dtype_policy
from tfgan_repro.npz import read_npz
from tfgan_repro.types import Network

VARIABLE = "TFGAN_REPRO_DINOV2_WEIGHTS"
ADDRESS = "https://dl.fbaipublicfiles.com/dinov2/dinov2_{0}14/dinov2_{0}14_pretrain.pth"
IMAGE_SIZE, PATCH_SIZE = 224, 14
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# Feature count -> keras-hub's preset and Meta's name for the network.
PRESETS = {
    384: ("dinov2_small", "vits"),
    768: ("dinov2_base", "vitb"),
    1024: ("dinov2_large", "vitl"),
    1536: ("dinov2_giant", "vitg"),
}
HEAD_SIZE = 64
# How far apart the original lays positions, in patches: a slip that its weights' users have kept.
OFFSET = 0.1
SHARPNESS = -0.75  # of PyTorch's bicubic interpolation


class DINOv2Extractor(KerasExtractor):
    """The class token of DINOv2.

    Args:
        weights: a file or folder, as `find_dinov2` takes it; None for `TFGAN_REPRO_DINOV2_WEIGHTS`, or keras-hub's own.
        features: 384, 768, 1024 or 1536, the networks S, B, L and G; None for 1024, or what the weights are of.
        resize: how images come to 224 pixels.

    Raises:
        UserError: keras-hub is not installed, or weights that cannot be had or read.
    """

    feature_counts = tuple(PRESETS)

    def __init__(
        self, weights: Path | str | None = None, features: int | None = None, resize: str = "bicubic"
    ) -> None:
        check_feature_count(features, self.feature_counts, "dinov2")
        backbone = find_dinov2(weights or os.environ.get(VARIABLE), features or 1024)
        super().__init__(class_token(backbone), resize=resize, mean=MEAN, std=STD, name="dinov2")
        self.layer = "class token"


def find_dinov2(path: Path | str | None, features: int) -> Network:
    """keras-hub's backbone with weights.

    Args:
        path: an `.npz` of Meta's state dictionary, a folder of keras-hub's or Hugging Face's, or None to download
            keras-hub's preset.
        features: which preset.

    Raises:
        UserError: as `DINOv2Extractor`.
    """
    try:
        from keras_hub.models import DINOV2Backbone
    except ImportError as error:
        raise UserError("extractor dinov2 needs keras-hub: pip install keras-hub") from error
    if path is not None and not Path(path).exists():
        raise UserError(f"no DINOv2 weights at {path}")
    if path is not None and not Path(path).is_dir():
        if Path(path).suffix != ".npz":
            raise UserError(f"{path}: DINOv2's weights must be a folder, or an .npz of the state dictionary; {ADVICE}")
        return dinov2_backbone(read_npz(path), path)
    preset, network = PRESETS[features]
    try:
        with dtype_policy("float32"), quiet_download():
            backbone = DINOV2Backbone.from_preset(str(path or preset), image_shape=(IMAGE_SIZE, IMAGE_SIZE, 3))
    except Exception as error:  # as many kinds as there are servers and formats
        if path:
            reason = " ".join(str(error).split())
            raise UserError(f"{path} cannot be read as DINOv2's weights: {reason}") from error
        raise UserError(
            f"DINOv2's weights could not be downloaded (keras-hub's preset {preset}); fetch "
            f"{ADDRESS.format(network)}, {ADVICE}"
        ) from error
    embeddings = backbone.embeddings
    positions = interpolated_positions(np.asarray(keras.ops.convert_to_numpy(embeddings.position_embeddings)))
    embeddings.interpolated_position_embeddings.assign(positions)
    return backbone


ADVICE = (
    "write it with numpy.savez('dinov2.npz', **{k: v.numpy() for k, v in torch.load(FILE, weights_only=True).items()}) "
    f"and name that with --inception-weights or {VARIABLE}"
)


def class_token(backbone: Network) -> Network:
    """From images `[batch, 224, 224, 3]` to the first token of a backbone's output."""
    images = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 3), name="images")
    return keras.Model(images, backbone({"images": images})[:, 0], name="dinov2")


def dinov2_backbone(state: Mapping[str, np.ndarray], path: Path | str, dtype: str = "float32") -> Network:
    """keras-hub's backbone with the weights of Meta's state dictionary.

    Args:
        state: `cls_token`, `pos_embed`, `patch_embed.proj.weight`, `blocks.0.norm1.weight`, ...
        path: their file, for messages.
        dtype: a Keras dtype policy.

    Raises:
        UserError: a part is missing, or has another shape.
    """
    from keras_hub.models import DINOV2Backbone

    if "register_tokens" in state:
        raise UserError(f"{path}: DINOv2 with registers is another network than the one that is scored with")
    try:
        dimension = state["cls_token"].shape[-1]
        depth = sum(name.endswith(".norm1.weight") for name in state)
        gated = "blocks.0.mlp.w12.weight" in state
        backbone = DINOV2Backbone(
            patch_size=PATCH_SIZE,
            num_layers=depth,
            hidden_dim=dimension,
            num_heads=dimension // HEAD_SIZE,
            intermediate_dim=4 * dimension,
            use_mask_token="mask_token" in state,
            use_swiglu_ffn=gated,
            image_shape=(IMAGE_SIZE, IMAGE_SIZE, 3),
            position_embedding_shape=[PATCH_SIZE * grid_side(state["pos_embed"])] * 2,
            dtype=dtype,
        )
        for variable, value in variables_of(backbone, state):
            variable.assign(value.reshape(variable.shape))
    except KeyError as error:
        raise UserError(f"{path} is no state dictionary of DINOv2: it lacks {error.args[0]}") from None
    except ValueError as error:
        raise UserError(f"{path} does not fit DINOv2: {' '.join(str(error).split())}") from error
    return backbone


def variables_of(backbone: Network, state: Mapping[str, np.ndarray]) -> Iterator[tuple[Any, np.ndarray]]:
    """Each of a backbone's variables with its value; where PyTorch has `[out, in]`, Keras has `[in, out]`."""

    def norm(layer: Any, name: str) -> Iterator[tuple[Any, np.ndarray]]:
        yield layer.gamma, state[f"{name}.weight"]
        yield layer.beta, state[f"{name}.bias"]

    def dense(layer: Any, weight: np.ndarray, bias: np.ndarray) -> Iterator[tuple[Any, np.ndarray]]:
        yield layer.kernel, weight.T
        yield layer.bias, bias

    embeddings = backbone.embeddings
    yield embeddings.cls_token, state["cls_token"]
    if "mask_token" in state:
        yield embeddings.mask_token, state["mask_token"]
    yield embeddings.position_embeddings, state["pos_embed"]
    yield embeddings.interpolated_position_embeddings, interpolated_positions(state["pos_embed"])
    yield embeddings.patch_embeddings.projection.kernel, state["patch_embed.proj.weight"].transpose(2, 3, 1, 0)
    yield embeddings.patch_embeddings.projection.bias, state["patch_embed.proj.bias"]
    for index, block in enumerate(backbone.encoder.layers):
        name = f"blocks.{index}"
        attention = block.attention.attention
        yield from norm(block.norm1, f"{name}.norm1")
        parts = (attention.query_dense, attention.key_dense, attention.value_dense)
        weights, biases = (np.split(state[f"{name}.attn.qkv.{kind}"], 3) for kind in ("weight", "bias"))
        for layer, weight, bias in zip(parts, weights, biases):
            yield from dense(layer, weight, bias)
        for layer, place in (
            (attention.output_dense, "attn.proj"),
            *(
                ((block.mlp.weights_in, "mlp.w12"), (block.mlp.weights_out, "mlp.w3"))
                if backbone.use_swiglu_ffn
                else ((block.mlp.fc1, "mlp.fc1"), (block.mlp.fc2, "mlp.fc2"))
            ),
        ):
            yield from dense(layer, state[f"{name}.{place}.weight"], state[f"{name}.{place}.bias"])
        yield block.layer_scale1.lambda1, state[f"{name}.ls1.gamma"]
        yield from norm(block.norm2, f"{name}.norm2")
        yield block.layer_scale2.lambda1, state[f"{name}.ls2.gamma"]
    yield from norm(backbone.layernorm, "norm")


def grid_side(positions: np.ndarray) -> int:
    """How many patches a side positions `[1, 1 + patches, dimension]` are for."""
    return round((positions.shape[1] - 1) ** 0.5)


def interpolated_positions(positions: np.ndarray) -> np.ndarray:
    """Positions `[1, 1 + patches, dimension]` for 16x16 patches, as the original interpolates them.

    Keras' bicubic is another one, of another sharpness, and lacks the original's offset.
    """
    side, target = grid_side(positions), IMAGE_SIZE // PATCH_SIZE
    if side == target:
        return positions
    weights = np.zeros((target, side))
    for index in range(target):
        place = (index + 0.5) * side / (target + OFFSET) - 0.5
        for tap in range(int(np.floor(place)) - 1, int(np.floor(place)) + 3):
            weights[index, np.clip(tap, 0, side - 1)] += cubic(abs(place - tap))
    grid = positions[0, 1:].reshape(side, side, -1).astype(np.float64)
    grid = np.einsum("ij,kl,jld->ikd", weights, weights, grid, optimize=True)
    return np.concatenate([positions[:, :1], grid.reshape(1, target * target, -1)], axis=1).astype(positions.dtype)


def cubic(distance: float) -> float:
    """The weight of a point at a distance below 2 (Keys 1981)."""
    a, x = SHARPNESS, distance
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * (x**3 - 5 * x**2 + 8 * x - 4)
