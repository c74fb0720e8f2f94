"""The FID as the command line reports it: the Frechet distance with an interval."""

from typing import TYPE_CHECKING, Any

from tfgan_repro.metrics.frechet import gaussian_distance
from tfgan_repro.metrics.jackknife import MINIMUM, frechet_interval
from tfgan_repro.metrics.metric import Metric

if TYPE_CHECKING:
    from tfgan_repro.metrics.features import FeatureSet


def _compute(generated: "FeatureSet", real: "FeatureSet", seed: int) -> dict[str, dict[str, Any]]:
    return {"FID": {"value": gaussian_distance(generated.gaussian, real.gaussian)}}


def _interval(generated: "FeatureSet", real: "FeatureSet") -> dict[str, dict[str, Any]]:
    if generated.features is None or real.features is None:
        return {"FID": {"interval": None, "interval_method": "none: needs the features of both sides"}}
    if min(generated.count, real.count) < MINIMUM:
        return {"FID": {"interval": None, "interval_method": f"none: needs {MINIMUM} images a side"}}
    interval, groups = frechet_interval(generated.features, real.features)
    method = f"95 %, delete-a-group jackknife, {groups} groups a side"
    return {"FID": {"interval": interval, "interval_method": method}}


FID = Metric(_compute, needs="statistics", minimum=2, details=_interval)
