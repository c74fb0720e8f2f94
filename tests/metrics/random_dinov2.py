"""Random weights for a small DINOv2 that any program can make again: each tensor depends on its name only."""

import zlib

import numpy as np

DIMENSION, DEPTH, HEADS = 128, 2, 2
PATCHES = 37 * 37  # the positions of 518 pixels


def shapes(gated):
    """The tensors of Meta's state dictionary by name; `gated` as in the largest network."""
    hidden = (4 * DIMENSION * 2 // 3 + 7) // 8 * 8
    layers = {"mlp.w12": (2 * hidden, DIMENSION), "mlp.w3": (DIMENSION, hidden)}
    if not gated:
        layers = {"mlp.fc1": (4 * DIMENSION, DIMENSION), "mlp.fc2": (DIMENSION, 4 * DIMENSION)}
    layers |= {"attn.qkv": (3 * DIMENSION, DIMENSION), "attn.proj": (DIMENSION, DIMENSION)}
    found = {
        "cls_token": (1, 1, DIMENSION),
        "mask_token": (1, DIMENSION),
        "pos_embed": (1, 1 + PATCHES, DIMENSION),
        "patch_embed.proj.weight": (DIMENSION, 3, 14, 14),
        "patch_embed.proj.bias": (DIMENSION,),
        "norm.weight": (DIMENSION,),
        "norm.bias": (DIMENSION,),
    }
    for block in range(DEPTH):
        for layer, shape in layers.items():
            found |= {f"blocks.{block}.{layer}.weight": shape, f"blocks.{block}.{layer}.bias": shape[:1]}
        for vector in ("norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias", "ls1.gamma", "ls2.gamma"):
            found[f"blocks.{block}.{vector}"] = (DIMENSION,)
    return found


def random_state(gated):
    """A state dictionary, float32; NumPy guarantees that `RandomState` gives these numbers in every version."""
    state = {}
    for name, shape in shapes(gated).items():
        random = np.random.RandomState(zlib.crc32(name.encode()))
        if len(shape) in (2, 4) and name.endswith("weight"):
            value = random.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
        elif name.endswith(("weight", "gamma")):
            value = random.uniform(0.5, 1.5, shape)
        else:
            value = 0.5 * random.standard_normal(shape)
        state[name] = value.astype(np.float32)
    return state
