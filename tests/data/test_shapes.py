import hashlib

import numpy as np

from tfgan_repro.data import load_pictures
from tfgan_repro.data.shapes import CLASS_NAMES, SHAPES, ShapeFactors, draw, random_factors


def one_shape(label, rotation=(1.0, 0.0)):
    """A white shape of radius 12 on black, in the middle."""
    return draw(
        ShapeFactors(
            labels=np.array([label], np.int32),
            centres=np.full((1, 2), 16, np.float32),
            radii=np.array([12], np.float32),
            rotations=np.array([rotation], np.float32),
            colours=np.ones((1, 3), np.float32),
            backgrounds=np.zeros((1, 2, 3), np.float32),
        )
    )[0]


def test_the_same_bytes_on_every_machine():
    digest = hashlib.sha256(load_pictures("shapes", "test").images.tobytes()).hexdigest()
    assert digest == "7e94194c9446c52b3f3cf6d604f07bf6b2f95ffcab3bbcb3bf18d37439dc3d4e"


def test_sets_are_balanced_and_different():
    train, test = load_pictures("shapes"), load_pictures("shapes", "test")
    assert train.images.shape == (20_000, 32, 32, 3) and test.images.shape == (2_000, 32, 32, 3)
    assert train.images.dtype == np.uint8
    for pictures in (train, test):
        assert len(set(np.bincount(pictures.labels))) == 1
    assert not np.array_equal(train.images[:2000], test.images)
    assert len(CLASS_NAMES) == len(set(CLASS_NAMES)) == 10


def test_areas_are_those_of_the_shapes():
    """Coverage summed over the pixels against the closed form, for a radius of 12 pixels."""
    area = {name: one_shape(label)[..., 0].sum() / 255 / 144 for label, name in enumerate(CLASS_NAMES)}
    expected = {
        "disc": np.pi,
        "ring": np.pi * (1 - 0.25),
        "square": 1.5**2,
        "frame": 1.5**2 - 0.7**2,
        "bar": 2 * 0.56,
        "cross": 2 * 2 * 0.56 - 0.56**2,
        "triangle": 3 * np.sqrt(3) * 0.55**2,
    }
    for name, value in expected.items():
        assert abs(area[name] - value) < 0.02 * value, name


def test_edges_are_antialiased_and_rotation_rotates():
    for label in range(len(SHAPES)):
        assert len(np.unique(one_shape(label, rotation=(0.6, 0.8)))) > 2
    upright, turned = one_shape(6), one_shape(6, rotation=(0.0, 1.0))
    np.testing.assert_array_equal(turned, upright.transpose(1, 0, 2))


def test_no_shape_is_invisible():
    factors = random_factors(500, 7)
    middle = factors.backgrounds.mean(axis=1)
    assert np.abs(factors.colours - middle).min() > 0.3
    margin = np.minimum(factors.centres, 32 - factors.centres).min(axis=1)
    assert (margin >= factors.radii - 1e-4).all()
    np.testing.assert_allclose((factors.rotations**2).sum(axis=1), 1, rtol=1e-5)
