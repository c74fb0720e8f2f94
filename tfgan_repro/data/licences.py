"""Where known data sets come from, and under which licence."""

import re

from tfgan_repro.data.names import short_name

NOT_STATED = "its makers state no licence"
LICENCES = {
    "shapes": "Shapes drawn by tfgan-repro itself from a seed; MIT licence.",
    "letters": "Letters of DejaVu Sans, the font that matplotlib brings (free under the Bitstream Vera licence), "
    "drawn by tfgan-repro itself from a seed; MIT licence.",
    "cifar10": f"CIFAR-10 by A. Krizhevsky, V. Nair and G. Hinton (Krizhevsky 2009, Learning Multiple Layers of "
    f"Features from Tiny Images); {NOT_STATED} and ask for that report to be cited.",
    "cifar100": f"CIFAR-100 by A. Krizhevsky, V. Nair and G. Hinton (Krizhevsky 2009, Learning Multiple Layers of "
    f"Features from Tiny Images); {NOT_STATED} and ask for that report to be cited.",
    "mnist": "MNIST by Y. LeCun, C. Cortes and C. Burges; CC BY-SA 3.0 according to Keras' documentation, "
    "not confirmed by its makers.",
    "fashion_mnist": "Fashion-MNIST by Zalando (Xiao, Rasul and Vollgraf 2017); MIT licence.",
    "kmnist": "Kuzushiji-MNIST by ROIS-DS CODH (Clanuwat et al. 2018); CC BY-SA 4.0.",
    "celeb_a": "CelebA by MMLAB, CUHK (Liu et al. 2015); for non-commercial research only, by its makers' agreement.",
    "svhn": "Street View House Numbers (Netzer et al. 2011); for non-commercial use only.",
    "stl10": f"STL-10 (Coates, Lee and Ng 2011), pictures from ImageNet; {NOT_STATED}.",
    "cats_vs_dogs": "Cats and dogs from Asirra (Elson et al. 2007), through Microsoft; its licence is "
    "not known to tfgan-repro.",
}


def data_licence(name: str) -> str:
    """A sentence on the origin and the licence of a data set.

    Args:
        name: as in `tfgan_repro.data.SOURCES`, with `tfds:` or without, and perhaps with a version.
    """
    known = re.split("[/:]", name.removeprefix("tfds:"))[0].removesuffix("_cropped")  # svhn_cropped is TFDS' own name
    return LICENCES.get(known, f"`{short_name(name)}`: its origin and licence are not known to tfgan-repro.")
