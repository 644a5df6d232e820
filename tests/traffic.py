"""Traffic of a small customer base, as messages in the order of their arrival: the same for the same seed.

All users of an account share one source partition, so the order of an account's events is defined whatever
happens between the producer and the engine; and the stream ends with one event per partition at the same
instant, so that every partition's clock reaches the same end.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

import orjson

from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from streams.engine.times import rfc3339

START = 1_767_571_200_000
"""2026-01-05, a Monday."""

EVENTS = ("Project Created", "Workflow Run", "Report Viewed", "Report Shared", "Dashboard Exported", "API Key Created")
BILLING = ("Subscription Started", "Subscription Renewed", "Subscription Cancelled", "Invoice Failed")


class Sent(NamedTuple):
    """One message as a producer sends it."""

    partition: int
    key: bytes
    value: bytes
    recorded_at: int = 0
    """The time that the record is stamped with, in UTC ms; 0 for that of sending."""

    def line(self) -> bytes:
        """The message as a replay is to read it, which knows no records and so not their time."""
        if not self.recorded_at:
            return self.value
        return orjson.dumps(orjson.loads(self.value) | {"receivedAt": rfc3339(self.recorded_at)})


@dataclass(frozen=True, slots=True)
class Traffic:
    """How much of it, and from which seed."""

    accounts: int = 60
    days: int = 45
    seed: int = 1
    partitions: int = 4
    dark: range = range(0)
    """The days of arrival on which nothing is sent at all, as if its instrumentation had stopped."""

    def __iter__(self) -> Iterator[Sent]:
        sent = (call for call in self._calls() if (call[0] - START) // DAY_MS not in self.dark)
        calls = sorted(sent, key=lambda call: call[0])
        for number, (arrived, account, user, call) in enumerate(calls):
            yield self._sent(account, user, {"messageId": f"m{self.seed}-{number}", "receivedAt": arrived} | call)
            if number % 53 == 0:  # an SDK that got no answer sends again
                yield self._sent(account, user, {"messageId": f"m{self.seed}-{number}", "receivedAt": arrived} | call)
            if number % 211 == 0:
                yield Sent(self._partition(account), user.encode(), b'{"type":"track","event":')
        end = START + (self.days + 9) * DAY_MS  # after the last life
        for partition in range(self.partitions):
            account = next(f"closing{n}" for n in range(999) if self._partition(f"closing{n}") == partition)
            call = {"messageId": f"end{partition}", "receivedAt": end, "timestamp": rfc3339(end)}
            yield self._sent(account, f"closer{partition}", call | _track("Report Viewed", account))

    def _sent(self, account: str, user: str, call: dict[str, object]) -> Sent:
        arrived = call["receivedAt"]
        assert isinstance(arrived, int)
        value = orjson.dumps(call | {"userId": user, "receivedAt": rfc3339(arrived)})
        return Sent(self._partition(account), user.encode(), value)

    def _partition(self, account: str) -> int:
        return crc32(account.encode()) % self.partitions

    def _calls(self) -> Iterator[tuple[int, str, str, dict[str, object]]]:
        for number in range(self.accounts):
            yield from self._life(number, random.Random(self.seed * 1_000_003 + number))

    def _life(self, number: int, rng: random.Random) -> Iterator[tuple[int, str, str, dict[str, object]]]:
        account, began = f"account-{number:04d}", START + rng.randrange(7 * DAY_MS)
        users = [f"{account}-user{n}" for n in range(rng.randrange(1, 6))]
        contract = rfc3339(began + rng.randrange(30, 200) * DAY_MS)[:10]
        traits: dict[str, object] = {
            "contract_ends_at": contract,
            "trial_ends_at": contract,
            "seats": rng.randrange(3, 40),
            "plan": "pro",
        }
        traits["mrr"] = number % 3 * 9_900
        for n, user in enumerate(users):
            at = began + n * HOUR_MS
            yield at, account, user, {"type": "group", "groupId": account, "traits": traits, "timestamp": rfc3339(at)}
        silent_from = rng.choice([None, None, 12, 20]) if number % 2 else None
        for day in range(self.days):
            is_silent = silent_from is not None and silent_from <= day < silent_from + rng.choice([8, 16, 99])
            for _ in range(0 if is_silent else rng.randrange(0, 9)):
                at = began + len(users) * HOUR_MS + day * DAY_MS + rng.randrange(DAY_MS)
                yield self._event(at, account, rng.choice(users), rng)

    def _event(self, at: int, account: str, user: str, rng: random.Random) -> tuple[int, str, str, dict[str, object]]:
        delay = rng.choice([500, 2_000, 20 * MINUTE_MS, 50 * MINUTE_MS])
        if rng.random() < 0.01:
            delay = 9 * HOUR_MS  # late
        name = rng.choice(BILLING) if rng.random() < 0.02 else rng.choice(EVENTS)
        # Some events leave it to the user's membership to say which account they belong to.
        call = _track(name, account if rng.random() < 0.7 else None) | {"timestamp": rfc3339(at)}
        return at + delay, account, user, call


def _track(name: str, account: str | None) -> dict[str, object]:
    context = {"groupId": account} if account else None
    return {"type": "track", "event": name, "context": context, "properties": {"source": "traffic"}}
