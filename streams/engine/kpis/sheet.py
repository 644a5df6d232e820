"""Sums by cut: all accounts, each listed segment, each cohort. Adding is all that is done to them."""

from collections.abc import Iterable, Iterator, Mapping

from streams.engine.kpis.periods import month_name, month_of
from streams.engine.outputs import Fact

ALL = ""
EARLIER = "@earlier"
MAX_COHORTS = 36
"""Months that are cohorts of their own; accounts that began before are one cohort together."""


def cuts(fact: Fact) -> Iterator[str]:
    """The cuts that a fact belongs to."""
    yield ALL
    yield cohort(fact.cohort, month_of(fact.at))
    for dimension, segment in fact.segment.items():
        yield f"{dimension}={segment}"


def cohort(began: int, now: int) -> str:
    """The cohort of accounts that began in a month, as it is called in another."""
    return f"@{month_name(began)}" if now - began < MAX_COHORTS else EARLIER


class Sheet:
    """For each cut the sums by name. Bounded by the names and segments of the journey and MAX_COHORTS."""

    def __init__(self) -> None:
        self.sums: dict[str, dict[str, int]] = {}
        self.changed: set[str] = set()
        """The cuts that changed since they were last written down."""

    def add(self, cut: str, counts: Iterable[tuple[str, int]]) -> None:
        """Add numbers to a cut."""
        sums = self.sums.setdefault(cut, {})
        for name, count in counts:
            sums[name] = sums.get(name, 0) + count
        self.changed.add(cut)

    def of(self, cut: str) -> Mapping[str, int]:
        """The sums of a cut."""
        return self.sums.get(cut, {})

    def forget(self) -> None:
        """Begin anew."""
        self.changed |= self.sums.keys()
        self.sums = {}

    def age(self, month: int) -> None:
        """Put cohorts that have become old to the others."""
        oldest = cohort(month - MAX_COHORTS + 1, month)
        old = [cut for cut in self.sums if cut.startswith("@") and cut < oldest]
        for cut in old:
            self.changed.add(cut)
            self.add(EARLIER, self.sums.pop(cut).items())
