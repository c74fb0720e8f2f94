"""Layers that Keras does not have, or has otherwise than the papers."""

from tfgan_repro.layers.attention import SelfAttention
from tfgan_repro.layers.batch_normalization import BatchNormalization
from tfgan_repro.layers.conditional_normalization import ConditionalBatchNormalization
from tfgan_repro.layers.dropout import Dropout
from tfgan_repro.layers.spectral_normalization import SpectralNormalization

__all__ = ["BatchNormalization", "ConditionalBatchNormalization", "Dropout", "SelfAttention", "SpectralNormalization"]
