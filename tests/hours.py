"""Customers who do something each hour, up to now, but for one in five who is silent for a day: and a journey by hours.

Whoever takes a backlog for a silence says so of all of them. Nothing becomes due within a quarter of an hour of now.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

import orjson

from schemas.spans import HOUR_MS, MINUTE_MS
from streams.engine.times import rfc3339
from tests.traffic import Sent

JOURNEY = """\
journey: 1
name: hours
version: 1
allowed_lateness: 1h
events: {Report Viewed: {feature: reports}}
measures: {views: {count: Report Viewed, over: 1d}}
milestones:
  at_home: {activation: true, when: {measure: {name: views, at_least: 3}}}
stages:
  trial: {initial: true}
  active: {from: trial, enter: {reached: at_home}}
  dormant:
    from: [trial, active]
    enter: {silent: {for: 8h}}
    exit: [{to: previous, when: {did: Report Viewed}}]
alerts:
  silent: {kind: risk, severity: warning, when: {silent: {for: 8h}}}
"""


@dataclass(frozen=True, slots=True)
class Hours:
    """The lives of some accounts, each on the source partition of its name, as records stamped when they arrived."""

    now: int
    accounts: int = 40
    per_hour: int = 2
    partitions: int = 4

    def between(self, first: int, last: int, only: Iterable[int] = range(99)) -> list[Sent]:
        """What arrives from `first` to `last` hours ago, at some of the partitions."""
        wanted = frozenset(only)
        sent = (one for hour in range(first, last, -1) for one in self._hour(hour) if one.partition in wanted)
        return sorted(sent, key=lambda one: one.recorded_at)

    def closing(self) -> list[Sent]:
        """One event at each partition, now: then all clocks have come here."""
        names = [next(n for n in self._names("closing") if self._partition(n) == p) for p in range(self.partitions)]
        return [self._sent(name, f"end-{name}", self.now, self.now) for name in names]

    def arriving(self, sent: Iterable[Sent], at: int) -> list[Sent]:
        """The same, but that all of it arrives at one instant."""
        return [one._replace(recorded_at=at) for one in sent]

    def names_of(self, partition: int) -> set[str]:
        """The accounts of one source partition."""
        names = (f"account-{number}" for number in range(self.accounts))
        return {name for name in names if self._partition(name) == partition}

    def _hour(self, hour: int) -> Iterator[Sent]:
        for number in range(self.accounts):
            if number % 5 == 0 and 14 < hour % 60 <= 38:
                continue
            rng, account = random.Random(hour * 10_007 + number), f"account-{number}"
            for turn in range(self.per_hour):
                # Half past, more or less: what is due full hours later is not due now.
                at = self.now - hour * HOUR_MS + (30 + rng.randrange(-12, 12)) * MINUTE_MS
                yield self._sent(account, f"{number}-{hour}-{turn}", at, at + rng.randrange(3) * MINUTE_MS)

    def _names(self, kind: str) -> Iterator[str]:
        return (f"{kind}-{number}" for number in range(999))

    def _partition(self, account: str) -> int:
        return crc32(account.encode()) % self.partitions

    def _sent(self, account: str, message: str, at: int, arrived: int) -> Sent:
        call = {"type": "track", "messageId": message, "userId": f"{account}-user", "event": "Report Viewed"}
        value = orjson.dumps(call | {"timestamp": rfc3339(at), "context": {"groupId": account}})
        return Sent(self._partition(account), f"{account}-user".encode(), value, arrived)
