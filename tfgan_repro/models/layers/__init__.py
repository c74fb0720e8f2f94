"""Layers that Keras does not have, or has otherwise than the papers."""

from tfgan_repro.models.layers.attention import SelfAttention
from tfgan_repro.models.layers.batch_normalization import BatchNormalization
from tfgan_repro.models.layers.conditional_normalization import ConditionalBatchNormalization
from tfgan_repro.models.layers.dropout import Dropout
from tfgan_repro.models.layers.spectral_normalization import SpectralNormalization

__all__ = ["BatchNormalization", "ConditionalBatchNormalization", "Dropout", "SelfAttention", "SpectralNormalization"]
