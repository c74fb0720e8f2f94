import numpy as np
import pytest

from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.dcgan import build_discriminator, build_generator


def convolutions(network, prefix):
    return [
        layer.kernel.shape for layer in network.layers if layer.name.startswith(prefix) and hasattr(layer, "kernel")
    ]


def test_layer_table_at_32_pixels():
    generator, discriminator = build_generator(Architecture()), build_discriminator(Architecture())
    # Transposed convolutions keep their kernels as [height, width, out, in].
    assert convolutions(generator, "up") == [(4, 4, 128, 256), (4, 4, 64, 128), (4, 4, 3, 64)]
    assert convolutions(discriminator, "down") == [(4, 4, 3, 64), (4, 4, 64, 128), (4, 4, 128, 256)]
    dense = 100 * 4 * 4 * 256
    norms = 2 * (256 + 128 + 64)
    assert count(generator.trainable_weights) == dense + 16 * (128 * 256 + 64 * 128 + 3 * 64) + norms + 3
    assert (
        count(discriminator.trainable_weights)
        == 16 * (3 * 64 + 64 * 128 + 128 * 256) + 64 + 2 * (128 + 256) + 4 * 4 * 256 + 1
    )


def test_a_convolution_at_full_resolution_comes_last_in_one_network_and_first_in_the_other():
    architecture = Architecture(full_resolution=True, width=0.5)
    generator, discriminator = build_generator(architecture), build_discriminator(architecture)
    assert convolutions(generator, "up")[-1] == (4, 4, 32, 32)
    assert convolutions(generator, "to_image") == [(3, 3, 32, 3)]
    assert convolutions(discriminator, "from_image") == [(3, 3, 3, 32)]
    assert convolutions(discriminator, "down")[0] == (4, 4, 32, 32)
    assert generator.output_shape == discriminator.input_shape == (None, 32, 32, 3)


def count(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (48, 48, 3), (64, 64, 3)])
def test_images_have_the_shape_and_range_asked_for(shape):
    architecture = Architecture(shape, latent_dim=16, width=0.25)
    generator, discriminator = build_generator(architecture), build_discriminator(architecture)
    images = generator(np.random.default_rng(0).standard_normal((3, 16), np.float32) * 50)
    assert images.shape == (3, *shape)
    assert float(np.abs(images).max()) <= 1
    assert discriminator(images).shape == (3, 1)


def test_initial_weights_are_normal_different_and_decided_by_the_seed():
    kernels = [
        layer.kernel.numpy()
        for network in (build_generator(Architecture()), build_discriminator(Architecture()))
        for layer in network.layers
        if hasattr(layer, "kernel")
    ]
    for kernel in kernels:
        assert kernel.std() == pytest.approx(0.02, rel=0.06)
    starts = {kernel.ravel()[:4].tobytes() for kernel in kernels}
    assert len(starts) == len(kernels)
    again = build_generator(Architecture()).get_layer("dense").kernel.numpy()
    np.testing.assert_array_equal(again, kernels[0])


def test_batch_normalisation_is_where_the_paper_puts_it():
    norms = [layer.name for layer in build_discriminator(Architecture()).layers if "norm" in layer.name]
    assert norms == ["down2_norm", "down3_norm"]
    norms = [layer.name for layer in build_generator(Architecture()).layers if "norm" in layer.name]
    assert norms == ["grid_norm", "up1_norm", "up2_norm"]
