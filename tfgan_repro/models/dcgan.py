"""DCGAN with the choices of report C."""

from tfgan_repro.models.gan import GAN
from tfgan_repro.networks import dcgan


class DCGAN(GAN):
    """Deep convolutional GAN (Radford et al. 2016), by default for 32x32 colour images.

    Args:
        image_shape: `(height, width, channels)`, square; sides of 4, 5, 6 or 7 times a power of two, from 16.
        latent_dim: length of a latent vector.
        width: factor on every channel count.
        seed: of the initial weights and of the latents.

    Raises:
        UserError: the networks cannot make that image size.
    """

    def __init__(self, image_shape=(32, 32, 3), latent_dim=100, width=1.0, seed=0, **kwargs):
        # Seeds far apart, so that no layer of one network starts like a layer of the other.
        super().__init__(
            dcgan.build_generator(image_shape, latent_dim, width, seed=1000 * seed),
            dcgan.build_discriminator(image_shape, width, seed=1000 * seed + 500),
            seed=seed,
            **kwargs,
        )
