"""Scores of real images against real images, kept by the images' content.

They are the same whatever is scored, and cost as much as a score. Those of common data sets come with the package, in
`floors.json`; `tools/make_floors.py` makes it. Others are kept in the cache once they were computed.
"""

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

from tfgan_repro.files import cache_directory, write_json
from tfgan_repro.metrics.registries import Results

SHIPPED = Path(__file__).with_name("floors.json")


def floor_key(metric: str, digests: tuple[str, ...], protocol: dict[str, Any], seed: int) -> str:
    """What a floor is kept under.

    Args:
        metric: its name in `METRICS`.
        digests: hashes of the two image sets, that in the generated images' place first.
        protocol: the extractor's `cache_key`.
        seed: of the metric.
    """
    text = json.dumps([metric, *digests, protocol, seed], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@functools.cache
def shipped_floors() -> dict[str, Any]:
    """The package's own table: key -> `results`, and what they are of."""
    return json.loads(SHIPPED.read_text(encoding="utf-8"))


def find_floor(key: str) -> Results | None:
    """A metric's results by their printed names, or None where they are not known."""
    if key in shipped_floors():
        return shipped_floors()[key]["results"]
    try:
        return json.loads(_path(key).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def keep_floor(key: str, results: Results) -> None:
    """Remember a metric's results; without a word where the cache cannot be written."""
    try:
        _path(key).parent.mkdir(parents=True, exist_ok=True)
        write_json(_path(key), results)
    except OSError:
        pass


def _path(key: str) -> Path:
    return cache_directory() / "floors" / f"{key}.json"
