import numpy as np

from tfgan_repro.models.named import DCGAN
from tfgan_repro.training.generation import generate_images


def test_images_do_not_depend_on_the_batch_size():
    generator = DCGAN((16, 16, 3), latent_dim=4, width=0.125).generator
    whole, pieces = (generate_images(generator, 10, seed=1, batch_size=size) for size in (10, 3))
    assert whole.dtype == np.uint8 and whole.shape == (10, 16, 16, 3)
    # Kernels may sum in another order for another batch size.
    assert np.abs(whole.astype(int) - pieces).max() <= 1


def test_the_seed_decides_the_images():
    generator = DCGAN((16, 16, 3), latent_dim=4, width=1.0).generator
    first, again, other = (generate_images(generator, 4, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
