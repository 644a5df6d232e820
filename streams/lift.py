"""Which behaviours precede upgrades, and which precede churn: read out of events and of what was said of them.

Time is cut into windows of equal length. Of each account that pays as a window ends we ask: what did its people do in
the window, and did it upgrade or churn in the next one? For each behaviour that makes a table of four counts, and

    lift = share with the outcome among those who did it ÷ share with the outcome among those who did not

with a 95 % interval by the logarithm of the ratio (Katz and others, Biometrics 34, 1978; a half is added to each count
where one is zero). A lift is no cause: it tells where to look. The windows of one account are not independent of each
other, so an interval is somewhat narrower than it should be.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import exp, log, sqrt
from typing import Final, NamedTuple

from schemas import journey as file
from streams.engine.compiler import compile_journey
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.outputs import FigureClosed, RevenueMoved, Routed, Said
from streams.engine.pipeline import Pipeline

OUTCOMES: Final[Mapping[str, str]] = {"upgrade": "expansion", "churn": "churn"}
"""What is looked for, and the movement of revenue that it is."""

Z95: Final = 1.959964


class Lift(NamedTuple):
    """How often an outcome followed those who did something, beside those who did not."""

    outcome: str
    behaviour: str
    segment: str
    did: int
    did_with: int
    did_not: int
    did_not_with: int

    @property
    def ratio(self) -> tuple[float, float, float]:
        """The lift, and the ends of its interval."""
        extra = 0.5 if 0 in (self.did_with, self.did_not_with) else 0.0
        with_, without = self.did_with + extra, self.did_not_with + extra
        did, did_not = self.did + 2 * extra, self.did_not + 2 * extra
        lift = with_ / did / (without / did_not)
        spread = Z95 * sqrt(max(0.0, 1 / with_ - 1 / did + 1 / without - 1 / did_not))
        return lift, exp(log(lift) - spread), exp(log(lift) + spread)


@dataclass(slots=True)
class Life:
    """What one account did, paid and was, by window."""

    did: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    moved: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    pays: dict[int, int] = field(default_factory=dict)
    """What it paid after the last movement in a window."""
    segments: dict[int, Mapping[str, str]] = field(default_factory=dict)


class History:
    """The engine over past messages, with what each account's people did and what became of it."""

    def __init__(self, source: file.Journey, window_ms: int) -> None:
        self._pipeline = Pipeline(compile_journey(source.model_copy(update={"kpis": None})), self._watch)
        self._events = source.events
        self._window_ms = window_ms
        self.lives: dict[str, Life] = defaultdict(Life)
        self.last = 0

    def take(self, value: bytes) -> None:
        """Take the next message."""
        for said in self._pipeline.receive(value):
            if isinstance(said, Said) and not isinstance(said, FigureClosed):
                self._hear(said)

    def _hear(self, said: Said) -> None:
        life, window = self.lives[said.account], said.at // self._window_ms
        life.segments[window] = said.segment
        if isinstance(said, RevenueMoved):
            life.moved[window].add(said.movement)
            life.pays[window] = said.after

    def _watch(self, routed: Routed, recorded_at: int | None) -> None:
        event = decode(routed.value, recorded_at=recorded_at)
        if isinstance(event, Event) and (declared := self._events.get(event.name)) is not None:
            window = event.at // self._window_ms
            self.last = max(self.last, window)
            did = self.lives[routed.account].did[window]
            did.add(event.name)
            if declared.feature:
                did.add(f"feature {declared.feature}")


def lifts(lives: Iterable[Life], last: int, dimension: str | None = None) -> list[Lift]:
    """Every behaviour with its lift, by segment if a dimension is given, the surest first. `last`: the open window."""
    counts: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    totals: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for life in lives:
        for window, segment in _paying(life, last, dimension):
            for outcome, movement in OUTCOMES.items():
                has = int(movement in life.moved.get(window + 1, ()))
                _add(totals[outcome, segment], has)
                for behaviour in life.did.get(window, ()):
                    _add(counts[outcome, behaviour, segment], has)
    found = [
        Lift(o, b, s, did, with_, totals[o, s][0] - did, totals[o, s][1] - with_)
        for (o, b, s), (did, with_) in counts.items()
        if totals[o, s][1] and did < totals[o, s][0]  # else there is nothing to compare
    ]
    return sorted(found, key=lambda lift: (lift.outcome, lift.segment, -lift.ratio[1], lift.behaviour))


def _add(count: list[int], has: int) -> None:
    count[0] += 1
    count[1] += has


def _paying(life: Life, last: int, dimension: str | None) -> Iterator[tuple[int, str]]:
    """The windows at whose end the account paid, but for the last whole one, with its segment then."""
    pays, segment = 0, file.UNKNOWN
    for window in range(min(life.segments, default=last), last - 1):
        pays = life.pays.get(window, pays)
        segment = life.segments.get(window, {}).get(dimension or "", segment)
        if pays:
            yield window, segment if dimension else ""
