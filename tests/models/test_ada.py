"""The transformations of ADA against the matrices of the paper's appendix, multiplied in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from tfgan_repro.models import AUGMENTATIONS, ada, drawing

GROUPS = [name for name in AUGMENTATIONS if AUGMENTATIONS.fact(name, "has_probability")]
EVERYTHING = ["ada", "ada-cutout"]
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.uniform(-1, 1, (40, 16, 12, 3)).astype(np.float32)


def seed(number=3):
    return keras.random.SeedGenerator(number)


def given(monkeypatch, count, **chosen):
    """Tables of random numbers, which are then drawn: uniform and normal ones, `[count, n]` in float64."""
    uniforms, normals = RANDOM.uniform(size=(count, ada.UNIFORMS)), RANDOM.normal(size=(count, ada.NORMALS))
    monkeypatch.setattr(drawing, "uniform", lambda shape, seed: tf.constant(uniforms, tf.float32))
    monkeypatch.setattr(drawing, "normal", lambda shape, seed: tf.constant(normals, tf.float32))
    return uniforms, normals


def shifted(x, y):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]])


def stretched(x, y):
    return np.diag([x, y, 1])


def rotated(angle):
    return np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])


def paper_map(uniform, normal, p, width, height):
    """From places of the result to places of an image, from its middle; the draws are iterators of one image's."""

    def happens(probability=p):
        return next(uniform) < probability

    i = np.floor(2 * next(uniform))
    inverse = stretched(1 - 2 * i * happens(), 1)
    i = np.floor(4 * next(uniform))
    inverse = inverse @ rotated(np.pi / 2 * i * happens())
    t = [np.round((next(uniform) * 2 - 1) * 0.125 * side) for side in (width, height)]
    if happens():
        inverse = inverse @ shifted(-t[0], -t[1])
    s = 2 ** (0.2 * next(normal))
    s = s if happens() else 1
    inverse = inverse @ stretched(1 / s, 1 / s)
    either = 1 - np.sqrt(1 - p)
    inverse = inverse @ rotated((next(uniform) * 2 - 1) * np.pi * happens(either))
    s = 2 ** (0.2 * next(normal))
    s = s if happens() else 1
    inverse = inverse @ stretched(1 / s, s)
    inverse = inverse @ rotated((next(uniform) * 2 - 1) * np.pi * happens(either))
    t = [next(normal) * 0.125 * side for side in (width, height)]
    return inverse @ shifted(-t[0], -t[1]) if happens() else inverse


def paper_colour(uniform, normal, p):
    """A 4x4 matrix on colours and a 1."""

    def happens():
        return next(uniform) < p

    axis = np.array([1, 1, 1, 0]) / np.sqrt(3)
    grey = np.outer(axis, axis)
    brighter, b = np.eye(4), 0.2 * next(normal)
    brighter[:3, 3] = b * happens()
    c = 2 ** (0.5 * next(normal))
    colour = np.diag([*[c if happens() else 1] * 3, 1]) @ brighter
    i = np.floor(2 * next(uniform))
    colour = (np.eye(4) - 2 * grey * i * happens()) @ colour
    angle = (next(uniform) * 2 - 1) * np.pi
    angle *= happens()
    x, y, z = axis[:3]
    cross = np.zeros((4, 4))
    cross[:3, :3] = [[0, -z, y], [z, 0, -x], [-y, x, 0]]
    rotation = np.eye(4) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    s = 2.0 ** next(normal)
    s = s if happens() else 1
    return (grey + (np.eye(4) - grey) * s) @ rotation @ colour


@pytest.mark.parametrize("p", [0.3, 0.7, 1.0])
def test_everything_is_what_the_papers_matrices_make(monkeypatch, p):
    uniforms, normals = given(monkeypatch, len(IMAGES))
    results = np.asarray(ada.augment(tf.constant(IMAGES), EVERYTHING, p, seed()))
    _, height, width, _ = IMAGES.shape
    rows, columns = np.mgrid[:height, :width].reshape(2, -1)
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    changed = 0
    for image, result, uniform, normal in zip(IMAGES.astype(float), results, map(iter, uniforms), map(iter, normals)):
        inverse = paper_map(uniform, normal, p, width, height)
        places = inverse @ np.stack([columns - middle[0], rows - middle[1], np.ones(height * width)])
        x, y = places[:2] + middle[:, None]
        expected = np.stack([ndimage.map_coordinates(image[..., c], (y, x), order=1, mode="mirror") for c in range(3)])
        colour = paper_colour(uniform, normal, p)
        expected = (colour[:3, :3] @ expected + colour[:3, 3:]).T.reshape(image.shape)
        place = next(uniform), next(uniform)
        if next(uniform) < p:
            across = np.abs((np.arange(width) + 0.5) / width - place[0]) < 0.25
            down = np.abs((np.arange(height) + 0.5) / height - place[1]) < 0.25
            expected[np.ix_(down, across)] = 0
        np.testing.assert_allclose(result, expected, atol=2e-4)
        changed += not np.allclose(result, image, atol=1e-3)
    assert changed > 0.9 * len(IMAGES)
    assert not list(uniform) and not list(normal), "all that is drawn is used"


@pytest.mark.parametrize("shape", [(16, 16, 3), (9, 14, 3), (8, 8, 1), (5, 1, 2), (1, 1, 4)])
def test_nothing_happens_at_p_0_whatever_the_shape(shape):
    images = RANDOM.uniform(-1, 1, (6, *shape)).astype(np.float32)
    np.testing.assert_array_equal(ada.augment(tf.constant(images), EVERYTHING, 0.0, seed()), images)
    assert ada.augment(tf.constant(images), EVERYTHING, 1.0, seed()).shape == images.shape


def test_what_moves_whole_pixels_keeps_every_value():
    images = IMAGES[:, :12]
    results = np.asarray(ada.augment(tf.constant(images), ["ada-blit"], 1.0, seed()))
    found = set()
    for image, result in zip(images, results):
        kinds = []
        for mirrored in (False, True):
            for quarters in range(4):
                turned = np.rot90(image[:, ::-1] if mirrored else image, quarters)
                turned = np.pad(turned, ((2, 2), (2, 2), (0, 0)), "reflect")
                for row in range(5):
                    for column in range(5):
                        if np.array_equal(turned[row : row + 12, column : column + 12], result):
                            kinds.append((mirrored, quarters, row, column))
        assert len(kinds) == 1
        found.add(kinds[0])
    assert {kind[:2] for kind in found} == {(mirrored, quarters) for mirrored in (False, True) for quarters in range(4)}


@pytest.mark.parametrize("group", GROUPS)
def test_gradients_are_those_of_finite_differences(group):
    images = RANDOM.uniform(-1, 1, (3, 6, 5, 3))
    weights = tf.constant(RANDOM.normal(size=images.shape))
    direction = RANDOM.normal(size=images.shape)

    def loss(images):
        return tf.reduce_sum(weights * ada.augment(images, [group], 0.9, seed()) ** 2)

    with tf.GradientTape() as tape:
        tape.watch(inputs := tf.constant(images))
        value = loss(inputs)
    slope = np.sum(tape.gradient(value, inputs).numpy() * direction)
    step = 1e-5
    ends = [float(loss(tf.constant(images + sign * step * direction))) for sign in (1, -1)]
    assert value.dtype == tf.float64
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * step), rtol=1e-7)


@pytest.mark.parametrize("group", ["ada-blit", "ada-cutout"])
def test_as_many_images_change_as_p_says(group):
    images = np.tile(RANDOM.uniform(0.5, 1, (1, 16, 16, 1)).astype(np.float32), (4000, 1, 1, 1))
    results = np.asarray(ada.augment(tf.constant(images), [group], 0.4, seed()))
    changed = (results != images).any(axis=(1, 2, 3)).mean()
    # Flips with p/2, quarters with 3p/4, shifts with p, of which 1 in 16 is by nothing.
    expected = 1 - 0.8 * 0.7 * (1 - 0.4 * 15 / 16) if group == "ada-blit" else 0.4
    assert abs(changed - expected) < 0.03


def test_images_are_augmented_independently_and_anew_each_time():
    same, draws = tf.constant(np.repeat(IMAGES[:1], 8, axis=0)), seed()
    first, second = (np.asarray(ada.augment(same, EVERYTHING, 1.0, draws)) for _ in range(2))
    assert len({image.tobytes() for image in [*first, *second]}) == 16
