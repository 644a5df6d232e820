"""The windows once more, as slowly and plainly as can be: the list of all events, counted anew for every question."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import orjson

from schemas.journey import ANY, Journey, Measure, Source, Valued
from schemas.spans import DAY_MS, MINUTE_MS
from streams.engine.event import Event

CALLS = ("$identify", "$group", "$alias")


@dataclass
class Counted:
    """One event that was counted."""

    day: int
    name: str
    user: str
    at: int = 0
    is_on_an_open_day: bool = True
    properties: dict[str, object] = field(default_factory=dict)


@dataclass
class SlowWindows:
    """What one account did. `held_days` is how long the journey holds closed days."""

    journey: Journey
    held_days: int
    counted: list[Counted] = field(default_factory=list)
    latest_at: int = 0

    def count(self, event: Event, decided: int) -> bool:
        """Count an event; False if its day is no longer held."""
        self.latest_at = max(self.latest_at, event.at)
        if event.at // DAY_MS < decided // DAY_MS - self.held_days:
            return False
        properties = orjson.loads(bytes(event.members)) or {}
        is_open = event.at // DAY_MS >= decided // DAY_MS
        self.counted.append(Counted(event.at // DAY_MS, event.name, event.user, event.at, is_open, properties))
        return True

    def readings(self, decided: int) -> dict[str, float | None]:
        """Every measure as it stands: the greater of the days up to today and of the last closed days."""
        return {
            name: self._reading(measure, decided)
            for name, measure in self.journey.measures.items()
            if is_modelled(measure)
        }

    def _reading(self, measure: Measure, decided: int) -> float | None:
        today, closed = max(self.latest_at, decided) // DAY_MS, decided // DAY_MS - 1
        if measure.ratio is not None:
            of, to = (self._reading(self.journey.measures[name], decided) for name in parts_of(measure))
            return of / to if of is not None and to else None
        if measure.kind == "last":
            return self._last(measure, decided)
        now = self.as_of(measure, today)
        return now if measure.kind == "mean" else max(now or 0, self.as_of(measure, closed) or 0)

    def closed_readings(self, decided: int) -> dict[str, float | None]:
        """Every measure as of the last closed day."""
        return {
            name: self._closed(measure, decided)
            for name, measure in self.journey.measures.items()
            if is_modelled(measure)
        }

    def _closed(self, measure: Measure, decided: int) -> float | None:
        if measure.ratio is not None:
            of, to = (self._closed(self.journey.measures[name], decided) for name in parts_of(measure))
            return of / to if of is not None and to else None
        return self._last(measure, decided) if measure.kind == "last" else self.as_of(measure, decided // DAY_MS - 1)

    def _last(self, measure: Measure, decided: int) -> float | None:
        assert measure.last is not None
        told = [(event.at, value) for event in self.counted for value in values(event, measure.last)]
        at, value = max(told, default=(-measure.window_ms, Fraction(0)))
        return float(value) if at + measure.window_ms > decided else None

    def as_of(self, measure: Measure, last_day: int) -> float | None:
        """A measure over its window that ends with a day."""
        first_day = last_day - measure.window_ms // DAY_MS + 1
        within = [
            event
            for event in self.counted
            if first_day <= event.day <= last_day and self._is_of(event.name, measure.events)
        ]
        match measure.kind:
            case "count":
                return len(within)
            case "users" if measure.persona is None:
                return len({event.user for event in within})
            case "users":
                return sum(measure.persona in self.personas_of(user) for user in {event.user for event in within})
            case "personas":
                return len({persona for event in within for persona in self.personas_of(event.user)})
            case "active_days":
                return len({event.day for event in within})
            case "features":
                return len({self._feature(event.name) for event in within} - {None})
        if measure.kind == "session_time":
            return minutes([event for event in within if event.is_on_an_open_day], measure.gap_ms)
        assert measure.kind in ("sum", "mean")
        carried = [value for event in within for value in values(event, measure.sum or measure.mean)]
        if measure.kind == "sum":
            return float(sum(carried))
        return float(sum(carried) / len(carried)) if carried else None

    def personas_of(self, user: str) -> set[str]:
        """The personas of a user by all that was told; at one instant the later in the file outweighs those before."""
        personas = self.journey.personas
        found: set[str] = set()
        for trait in {persona.trait for persona in personas.values()}:
            told = [
                (event.at, [name in self._are(event, trait) for name in reversed(personas)])
                for event in self.counted
                if event.name == "$identify" and event.user == user and trait in event.properties
            ]
            _, are = max(told, default=(0, []))
            found |= {name for name, is_it in zip(reversed(personas), are, strict=False) if is_it}
        return found

    def _are(self, event: Counted, trait: str) -> set[str]:
        told = event.properties[trait]
        texts = [told] if isinstance(told, str) else told
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            return set()
        return {name for name, one in self.journey.personas.items() if one.trait == trait and {*one.is_} & {*texts}}

    def _is_of(self, name: str, events: tuple[str, ...]) -> bool:
        if name in events:
            return True
        declared = self.journey.events.get(name)
        is_product = declared is None or declared.source is Source.PRODUCT
        return ANY in events and is_product and name not in CALLS

    def _feature(self, name: str) -> str | None:
        declared = self.journey.events.get(name)
        return declared.feature if declared else None


def parts_of(ratio: Measure) -> tuple[str, str]:
    """The two measures of a ratio."""
    assert ratio.ratio is not None
    return ratio.ratio.of, str(ratio.ratio.to)


def values(event: Counted, of: Valued | None) -> list[Fraction]:
    """The number an event carries, if it does."""
    assert of is not None
    value = event.properties.get(of.property)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return [Fraction(str(value))] if event.name in of.event and is_number else []


def minutes(events: Iterable[Counted], gap_ms: int) -> float:
    """The time between deeds of one user on one day that are no more than a gap apart."""
    instants: dict[tuple[str, int], list[int]] = defaultdict(list)
    for event in events:
        instants[event.user, event.day].append(event.at)
    pauses = (later - earlier for ats in instants.values() for earlier, later in pairwise(sorted(ats)))
    return sum(pause for pause in pauses if pause <= gap_ms) / MINUTE_MS


def is_modelled(measure: Measure) -> bool:
    """Whether the list of all events says what a measure is; what is open is tried elsewhere."""
    return measure.kind not in ("open", "oldest_open", "resolution", "progress")
