"""What all families of networks are put together from."""

import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.blocks import DiscriminatorParts, GeneratorParts, first_grid, normal
from tfgan_repro.models.dcgan import build_generator


@pytest.mark.parametrize(("size", "expected"), [(28, (7, 2)), (32, (4, 3)), (40, (5, 3)), (64, (4, 4)), (128, (4, 5))])
def test_first_grid(size, expected):
    assert first_grid(size, "dcgan") == expected


@pytest.mark.parametrize("size", [1, 8, 9, 30, 31, 33, 100, 44])
def test_sizes_that_cannot_be_made_are_refused(size):
    with pytest.raises(UserError, match=f"cannot make images of {size} pixels"):
        build_generator(Architecture((size, size, 3)))


@pytest.mark.parametrize(
    ("conditioning", "inputs", "features"), [("none", 1, 8), ("concatenation", 2, 58), ("batch-normalization", 2, 8)]
)
def test_latents_are_given_the_label_that_the_architecture_says(conditioning, inputs, features):
    architecture = Architecture(num_classes=4, latent_dim=8, generator_conditioning=conditioning)
    parts = GeneratorParts(architecture, normal(0.02))
    assert parts.latents_with_label().shape == (None, features)
    network = parts.generator(parts.norm(parts.grid(4, 3), "norm"))
    assert len(network.inputs) == inputs and network.output_shape == (None, 4, 4, 3)


@pytest.mark.parametrize(
    ("conditioning", "inputs", "outputs"),
    [("none", 1, [1]), ("concatenation", 2, [1]), ("projection", 2, [1]), ("classifier", 1, [1, 4])],
)
def test_a_discriminator_ends_in_what_its_conditioning_says(conditioning, inputs, outputs):
    architecture = Architecture((8, 8, 3), num_classes=4, discriminator_conditioning=conditioning)
    parts = DiscriminatorParts(architecture, normal(0.02))
    images = parts.images_with_label()
    assert images.shape[-1] == (4 if conditioning == "concatenation" else 3)
    network = parts.discriminator(parts.logits(images[:, 0, 0]))
    assert len(network.inputs) == inputs and [output.shape[-1] for output in network.outputs] == outputs


def test_layers_differ_and_seeds_decide_them():
    def kernels(seed):
        parts = GeneratorParts(Architecture(latent_dim=8, seed=seed), normal(0.02))
        first, second = (parts.dense(parts.latents, 4, name) for name in ("first", "second"))
        return [np.asarray(part._keras_history.operation.kernel) for part in (first, second)]

    one, other = kernels(0)
    assert np.array_equal(one, kernels(0)[0]) and not np.array_equal(one, other)
    assert not np.array_equal(one, kernels(1)[0])
