"""The scores of one metric, each together with its full protocol."""

from typing import Any

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.features import FeatureSet
from tfgan_repro.metrics.protocol import Protocol
from tfgan_repro.metrics.registries import METRICS, Results


def score_rows(
    name: str,
    generated: FeatureSet,
    real: FeatureSet,
    extractor: Any,
    protocol: dict[str, Any],
    real_values: Results | None = None,
) -> list[dict[str, Any]]:
    """The scores of one metric with their protocol.

    Args:
        name: in `METRICS`.
        generated: a `FeatureSet`.
        real: a `FeatureSet`.
        extractor: the `KerasExtractor` that made both, or anything with its `label` and `protocol`.
        protocol: what else must be said: where the real images come from, the seed; fields of `Protocol`.
        real_values: the same metric's results for real against real images, or None where there are none.

    Returns:
        A list of dictionaries that can be written as JSON.

    Raises:
        UserError: too few images, or a score that is no number.
    """
    metric = METRICS.load(name)
    results = metric.compute(generated, real, protocol["seed"])
    details = metric.details(generated, real, protocol["seed"]) if metric.details else {}
    rows = []
    for label, result in results.items():
        made_by = Protocol(
            extractor.label(label),
            **extractor.protocol,
            generated_images=generated.count,
            real_images=real.count,
            image_size=generated.image_size,
            **protocol,
        )
        if not np.isfinite(float(result["value"])):
            raise UserError(f"{made_by.metric} is not a number; the features are damaged")
        other_size = real.image_size not in (None, generated.image_size)
        rows.append(
            {
                "metric": made_by.metric,
                **plain(result),
                "real_vs_real": float(real_values[label]["value"]) if real_values else None,
                **details.get(label, {}),
                **made_by.as_row(),
                **({"real_image_size": real.image_size} if other_size else {}),
                **({"generated_notes": generated.notes} if generated.notes else {}),
                **({"real_notes": real.notes} if real.notes else {}),
            }
        )
    return rows


def plain(result: dict[str, Any]) -> dict[str, Any]:
    """NumPy's numbers as Python's."""
    return {key: value.item() if isinstance(value, np.generic) else value for key, value in result.items()}
