"""Pictures whose class can be seen, for the tests of the labels room."""

import numpy as np
from PIL import Image

COLOURS = {"red": (200, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 200)}


def write_pictures(folder, count=12, colours=("red", "green", "blue"), seed=0):
    """Write `count` noisy pictures of each colour and return the truth, a dictionary from file to colour."""
    random_state, truth = np.random.default_rng(seed), {}
    for name in colours:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            pixels = random_state.normal(COLOURS[name], 40, (24, 20, 3)).clip(0, 255).astype(np.uint8)
            # Shuffled names, so that no class is the first in the folder.
            file = f"{name}/{random_state.integers(10**6):06d}-{index}.png"
            Image.fromarray(pixels).save(folder / file)
            truth[file] = name
    return truth


def blobs(counts, dimension=16, distance=3.0, seed=0):
    """Features of normally distributed classes, scaled as `Scaling` does, and their classes."""
    random_state = np.random.default_rng(seed)
    classes = np.repeat(np.arange(len(counts)), counts)
    centres = random_state.normal(size=(len(counts), dimension))
    centres *= distance / np.linalg.norm(centres, axis=1, keepdims=True)
    features = centres[classes] + random_state.normal(size=(len(classes), dimension))
    order = random_state.permutation(len(classes))
    return features[order] / np.sqrt(dimension), classes[order]
