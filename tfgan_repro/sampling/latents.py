"""Latents beyond the plain ones: truncated, and in loops."""

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr, ndtri

from tfgan_repro.models.generation import fixed_latents


def latents_of(count: int, latent_dim: int, seed: int, truncation: float | None = None) -> np.ndarray:
    """Latents, standard normal or truncated.

    Args:
        count: how many.
        latent_dim: their length.
        seed: the first latents are the same for every count.
        truncation: bound on every value, above 0, or None. What is left of the normal distribution between the bounds
            (Brock et al. 2019, section 3.1), drawn by its inverse, so that a latent moves smoothly with the bound.

    Returns:
        float32 `[count, latent_dim]`.
    """
    if truncation is None:
        return fixed_latents(count, latent_dim, seed)
    outside = ndtr(-truncation)
    shares = np.random.default_rng(seed).random((count, latent_dim))
    values = ndtri(outside + shares * (1 - 2 * outside))
    # Far outside the bound is lost in rounding, and the inverse of 0 is minus infinity.
    return np.clip(values, -truncation, truncation).astype(np.float32)


def spherical(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    """The point between two latents on the arc from one to the other (Shoemake 1985; White 2016, arXiv:1609.04468).

    Normal latents lie near a sphere; a straight line between them would pass through lengths that the generator has
    never seen.

    Args:
        first: `[..., latent_dim]`.
        second: of the same shape.
        share: 0 for the first, 1 for the second.

    Returns:
        float32 of the same shape.
    """
    lengths = np.linalg.norm(first, axis=-1, keepdims=True) * np.linalg.norm(second, axis=-1, keepdims=True)
    cosine = np.sum(first * second, axis=-1, keepdims=True) / np.maximum(lengths, 1e-12)
    angle = np.arccos(np.clip(cosine, -1, 1))
    # On (nearly) one line there is no arc.
    flat = np.abs(np.sin(angle)) < 1e-4
    sine = np.where(flat, 1.0, np.sin(angle))
    arc = (np.sin((1 - share) * angle) * first + np.sin(share * angle) * second) / sine
    return np.where(flat, (1 - share) * first + share * second, arc).astype(np.float32)


def spherical_loop(stops: np.ndarray, frames: int) -> Iterator[np.ndarray]:
    """Latents on the way from stop to stop and back to the first one.

    Args:
        stops: `[stops, ..., latent_dim]`.
        frames: how many; the first is the first stop, and the last lies one frame before it.

    Yields:
        float32 `[..., latent_dim]` a frame.
    """
    for frame in range(frames):
        leg, share = divmod(frame * len(stops) / frames, 1)
        yield spherical(stops[int(leg)], stops[(int(leg) + 1) % len(stops)], share)
