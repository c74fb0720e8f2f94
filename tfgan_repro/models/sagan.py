"""Report C's conditional SAGAN: DCGAN's body with self-attention, spectral and (conditional) batch normalisation."""

from tfgan_repro.models.dcgan import DCGAN
from tfgan_repro.models.family import registered


@registered
class SAGAN(DCGAN):
    """Self-attention GAN on DCGAN's body, as report C describes it (after Zhang et al. 2019, arXiv:1805.08318).

    The networks are `DCGAN`'s; attention, normalisations and the labels are choices of the recipe.
    """

    model = "sagan"
