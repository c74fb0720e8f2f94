import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_repro.models import AUGMENTATIONS, augmentation
from tfgan_repro.models.losses import HINGE, LEAST_SQUARES, RELATIVISTIC, WASSERSTEIN, mean_sign
from tfgan_repro.models.options import TrainingChoices

POLICIES = [name for name in AUGMENTATIONS if name != "none" and not AUGMENTATIONS.fact(name, "has_probability")]
IMAGES = np.random.default_rng(0).uniform(-1, 1, (40, 16, 16, 3)).astype(np.float32)


def seed(number=3):
    return keras.random.SeedGenerator(number)


def augment(images, names, seed):
    return augmentation.Augmentation(names, TrainingChoices())(images, seed=seed)


def adaptive(**choices):
    return augmentation.Augmentation(["ada"], TrainingChoices(augmentation="ada", **choices))


def test_translation_moves_each_image_by_up_to_an_eighth_and_fills_with_grey():
    moved = np.asarray(augmentation.translate(IMAGES, seed()))
    shifts = set()
    for image, result in zip(IMAGES, moved):
        padded = np.pad(image, ((2, 2), (2, 2), (0, 0)))
        found = [
            (row, column)
            for row in range(5)
            for column in range(5)
            if np.array_equal(padded[row : row + 16, column : column + 16], result)
        ]
        assert len(found) == 1
        shifts.add(found[0])
    assert {row for row, _ in shifts} == {column for _, column in shifts} == set(range(5))


def test_cutout_clears_one_square_of_half_the_side():
    images = np.ones((200, 16, 16, 1), np.float32)
    cleared = np.asarray(augmentation.cut_out(images, seed()))[..., 0] == 0
    sizes = set()
    for mask in cleared:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        assert mask.sum() == len(rows) * len(columns) > 0, "a full rectangle"
        sizes |= {len(rows), len(columns)}
    assert sizes == set(range(4, 9)), "half the side, or what of it lies inside"


def test_colours_change_by_brightness_saturation_and_contrast():
    changed = np.asarray(augmentation.change_colour(IMAGES, seed()))
    draws = seed()
    brightness, saturation, contrast = (
        keras.random.uniform((40, 1, 1, 1), low, high, seed=draws).numpy()
        for low, high in ((-0.5, 0.5), (0, 2), (0.5, 1.5))
    )
    expected = IMAGES + brightness
    grey = expected.mean(axis=3, keepdims=True)
    expected = (expected - grey) * saturation + grey
    mean = expected.mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(changed, (expected - mean) * contrast + mean, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_gradient_passes_through(policy):
    images = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(images)
        loss = tf.reduce_sum(augment(images, [policy], seed()) ** 2)
    gradient = tape.gradient(loss, images).numpy()
    assert np.isfinite(gradient).all() and (np.abs(gradient).sum(axis=(1, 2, 3)) > 0).all()


def test_images_are_augmented_independently_and_anew_each_time():
    same = np.repeat(IMAGES[:1], 8, axis=0)
    draws = seed()
    first, second = (np.asarray(augment(same, POLICIES, draws)) for _ in range(2))
    assert len({image.tobytes() for image in [*first, *second]}) == 16


def followed(adaptive, signs, images=100):
    """The probabilities that are logged when steps report these signs."""
    logged = []
    for step, sign in enumerate(signs):
        logged.append(adaptive.follow(tf.constant(step), tf.constant(sign), images)["augmentation_probability"])
    return np.array(logged)


def test_the_probability_follows_the_sign_every_four_steps():
    logged = followed(
        adaptive(augmentation_target=0.6, augmentation_ramp=10_000), [0.7] * 4 + [0.5] * 4 + [0.7, 0.9, 0.2, 0.7, 0.0]
    )
    # Four steps of 100 images are 0.04 of the ramp; a mean of 0.625 is above the target although one sign is not.
    np.testing.assert_allclose(logged, [0] * 4 + [0.04] * 4 + [0] * 4 + [0.04], atol=1e-7)


def test_the_probability_stays_between_0_and_1():
    quick = {"augmentation_target": 0.5, "augmentation_ramp": 1000}
    assert followed(adaptive(**quick), [1.0] * 20)[-1] == 1
    logged = followed(adaptive(augmentation_probability=0.3, **quick), [-1.0] * 9)
    np.testing.assert_allclose(logged[[0, 3, -1]], [0.3, 0.3, 0])


def test_a_probability_without_a_target_is_fixed():
    fixed = adaptive(augmentation_probability=0.3)
    np.testing.assert_allclose(followed(fixed, [1.0] * 9), 0.3)
    assert augmentation.Augmentation(["color"], TrainingChoices()).follow(tf.constant(0), None, 1) == {}


def test_the_sign_is_of_what_a_loss_calls_real():
    real, fake = tf.constant([[2.0], [0.4], [-1.0], [3.0]]), tf.constant([[1.0], [1.0], [-2.0], [1.0]])
    for loss, expected in ((HINGE, 0.5), (LEAST_SQUARES, 0.0), (RELATIVISTIC, 0.5), (WASSERSTEIN, 0.5)):
        assert float(mean_sign(loss, real, fake)) == expected
