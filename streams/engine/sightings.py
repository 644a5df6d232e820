"""Beside the path: which accounts were seen of each watched source, hour by hour. `route` notes it and tells it on.

An account is one bit of SLOTS, so that what the source partitions know joins by `or`: told twice, it counts once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from schemas import journey as file
from schemas.spans import HOUR_MS
from streams.engine.event import Event
from streams.engine.places import CALLS

SLOTS: Final = 48
"""Two accounts may share a bit: what matters is whether there are several, not how many."""

Seen = Mapping[str, Mapping[int, int]]
"""By source and hour since 1970, accounts as bits."""


@dataclass(frozen=True, slots=True)
class Instruments:
    """The sources that a journey watches, and which of them each event comes from."""

    names: tuple[str, ...]
    by_event: Mapping[str, str]
    """The source of each event that the journey knows; empty where it is not watched."""
    otherwise: str
    """That of all other events."""

    def of(self, event: str) -> str:
        """The source of an event, if it is watched."""
        return self.by_event.get(event, self.otherwise)


def compile_instruments(source: file.Journey) -> Instruments:
    """Compile the section `instrumentation` of a journey."""
    watched = source.instrumentation
    by_event = {name: kind.source.value if kind.source in watched else "" for name, kind in source.events.items()}
    calls = dict.fromkeys(CALLS, "")  # they describe users and accounts: no source is alive by them
    product = file.Source.PRODUCT
    return Instruments(tuple(watched), by_event | calls, product.value if product in watched else "")


def joined(parts: Iterable[Seen]) -> dict[str, dict[int, int]]:
    """What several partitions have seen, as one."""
    together: dict[str, dict[int, int]] = {}
    for part in parts:
        for source, hours in part.items():
            known = together.setdefault(source, {})
            for hour, accounts in hours.items():
                known[hour] = known.get(hour, 0) | accounts
    return together


class Sightings:
    """What one partition of users has seen and not told yet."""

    __slots__ = ("_instruments", "seen")

    def __init__(self, instruments: Instruments) -> None:
        self._instruments = instruments
        self.seen: dict[str, dict[int, int]] = {}

    def see(self, event: Event, account: str) -> None:
        """Note that an event of an account has arrived."""
        if source := self._instruments.of(event.name):
            hours, hour = self.seen.setdefault(source, {}), event.arrived_at // HOUR_MS
            hours[hour] = hours.get(hour, 0) | 1 << crc32(account.encode()) % SLOTS

    def tell(self) -> Seen:
        """All that was seen since the last call."""
        seen, self.seen = self.seen, {}
        return seen
