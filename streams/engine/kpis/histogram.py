"""Spans in fixed buckets: four to each doubling, from a minute to four years, so that quantiles can be added up."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Final

from schemas.spans import MINUTE_MS

EDGES: Final = tuple(MINUTE_MS * (1 << octave) * quarter // 4 for octave in range(21) for quarter in (4, 5, 6, 7))
"""The upper ends of the buckets in ms, whole numbers on every machine; what is longer goes into one more."""


def tally(name: str, span_ms: int) -> Iterable[tuple[str, int]]:
    """What a span adds to the sums called `name`: how many, how long in all, and one in its bucket."""
    return (f"{name}.n", 1), (f"{name}.ms", span_ms), (f"{name}.b{bisect_left(EDGES, span_ms)}", 1)


def quantile(counts: Mapping[str, int], name: str, share: float) -> float | None:
    """The span in s that this share did not exceed: the upper end of its bucket, so at most a quarter too long."""
    total = counts.get(f"{name}.n", 0)
    seen = 0
    for place, edge in enumerate(EDGES):
        seen += counts.get(f"{name}.b{place}", 0)
        if seen and seen >= share * total:
            return edge / 1000
    return EDGES[-1] / 1000 if total > 0 else None
