"""The windows once more, as slowly and plainly as can be: the list of all events, counted anew for every question."""

from dataclasses import dataclass, field

from schemas.journey import ANY, Journey, Measure, Source
from schemas.spans import DAY_MS
from streams.engine.decode import Event

CALLS = ("$identify", "$group", "$alias")


@dataclass
class Counted:
    """One event that was counted."""

    day: int
    name: str
    user: str


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
        self.counted.append(Counted(event.at // DAY_MS, event.name, event.user))
        return True

    def readings(self, decided: int) -> dict[str, int]:
        """Every measure as it stands: the greater of the days up to today and of the last closed days."""
        today = max(self.latest_at, decided) // DAY_MS
        closed = decided // DAY_MS - 1
        return {
            name: max(self.as_of(measure, today), self.as_of(measure, closed))
            for name, measure in self.journey.measures.items()
        }

    def closed_readings(self, decided: int) -> dict[str, int]:
        """Every measure as of the last closed day."""
        return {name: self.as_of(measure, decided // DAY_MS - 1) for name, measure in self.journey.measures.items()}

    def as_of(self, measure: Measure, last_day: int) -> int:
        """A measure over its window that ends with a day."""
        first_day = last_day - measure.over // DAY_MS + 1
        within = [
            event
            for event in self.counted
            if first_day <= event.day <= last_day and self._is_of(event.name, measure.events)
        ]
        match measure.kind:
            case "count":
                return len(within)
            case "users":
                return len({event.user for event in within})
            case "active_days":
                return len({event.day for event in within})
            case "features":
                return len({self._feature(event.name) for event in within} - {None})

    def _is_of(self, name: str, events: tuple[str, ...]) -> bool:
        if name in events:
            return True
        declared = self.journey.events.get(name)
        is_product = declared is None or declared.source is Source.PRODUCT
        return ANY in events and is_product and name not in CALLS

    def _feature(self, name: str) -> str | None:
        declared = self.journey.events.get(name)
        return declared.feature if declared else None
