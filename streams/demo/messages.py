"""What the customer base sends, as bytes in the order they arrive: Segment calls, and what goes wrong on the way."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from random import Random
from typing import Final, NamedTuple

import orjson

from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from streams.demo.customers import homes
from streams.demo.plans import WORK, Life, Phase, Traits
from streams.engine.times import instant_ms, rfc3339

FIRST_DAY: Final = instant_ms(datetime(2025, 9, 1, tzinfo=UTC))
"""A Monday of the past: no message may claim to have come later than Kafka took it. Fixed, so that verdicts are."""

WEEKEND: Final = 0.06
"""What is done on a Saturday or Sunday, beside a working day."""

_HOURS: Final = {7: 1, 8: 4, 9: 8, 10: 9, 11: 8, 12: 4, 13: 6, 14: 9, 15: 8, 16: 6, 17: 4, 18: 2, 20: 1}
_HOUR_STARTS: Final = [hour * HOUR_MS for hour, weight in _HOURS.items() for _ in range(weight)]
_OFFLINE: Final = 0.08
_LATE: Final = 0.0015
_REPEATED: Final = 0.004
_MEMBERSHIP_ONLY: Final = 0.25
"""Shares of events that were kept a while offline, kept for days, sent twice, and that name no account."""


class Sent(NamedTuple):
    """A message on its way. Two with the same number are one message, sent again."""

    arrived_at: int
    number: int
    user: str
    value: bytes


def message_id(number: int) -> str:
    """How a message of the demo is told apart."""
    return f"m{number}"


def number_of(message_id: str) -> int:
    """The opposite."""
    return int(message_id[1:])


def messages(lives: Sequence[Life], days: int, seed: int) -> list[Sent]:
    """All messages of so many days, by arrival. The last ones bring every partition to the same last instant."""
    writer = _Writer(FIRST_DAY + days * DAY_MS)
    for life in lives:
        writer.live(life, days, seed)
    writer.spoil(days)
    writer.close(lives)
    writer.sent.sort()
    return writer.sent


class _Writer:
    """Writes the messages of one life after the other."""

    def __init__(self, end: int) -> None:
        self.sent: list[Sent] = []
        self._end = end
        self._number = 0

    def live(self, life: Life, days: int, seed: int) -> None:
        """Everything that one account does in so many days. A named one does the same whatever the seed."""
        self._random = Random(life.id if life.is_named else f"{seed} {life.id}").random  # noqa: S311  a story
        day = life.starts
        for phase in life.plan:
            if day >= days:
                return
            self._open(life, phase, day)
            for today in range(day, min(days, day + phase.days)):
                self._day(life, phase, today)
            day += phase.days

    def spoil(self, days: int) -> None:
        """A handful of messages that cannot become events."""
        for place, value in enumerate(BROKEN):
            at = FIRST_DAY + days * DAY_MS * (place + 1) // (len(BROKEN) + 1)
            self._number += 1
            self.sent.append(Sent(at, self._number, f"broken-{place}", value))

    def close(self, lives: Sequence[Life]) -> None:
        """One last word in each partition, at the same instant: time has come to here, everywhere."""
        for life in homes(lives).values():
            self._call("identify", life, life.users[0], self._end, {"traits": {"seen": "last"}}, delay=0)

    def _open(self, life: Life, phase: Phase, day: int) -> None:
        """The first morning of a phase: who belongs here, what is true of the account, what happens once."""
        at = FIRST_DAY + day * DAY_MS + 8 * HOUR_MS + int(self._random() * HOUR_MS)
        traits = _dated({"name": life.id} | dict(phase.traits), at) if phase.traits else {}
        for user in life.users[: phase.users]:
            self._call("identify", life, user, at, {"traits": {"email": user}})
            self._call("group", life, user, at, {"groupId": life.id, "traits": traits})
            traits = {}
        for place, event in enumerate(phase.opens, 1):
            self._call("track", life, life.users[0], at + place * 2 * MINUTE_MS, {"event": event, "properties": {}})

    def _day(self, life: Life, phase: Phase, day: int) -> None:
        random = self._random
        work = _DECK[phase.work]
        rate = phase.rate * (WEEKEND if day % 7 > 4 else 1)
        if not work or not rate:
            return
        start = FIRST_DAY + day * DAY_MS
        for user in life.users[: phase.users]:
            for _ in range(int(rate * (0.5 + random()) + random())):
                at = start + _HOUR_STARTS[int(random() * len(_HOUR_STARTS))] + int(random() * HOUR_MS)
                self._track(life.id, user, work[int(random() * len(work))], at)

    def _track(self, account: str, user: str, event: str, at: int) -> None:
        """Write an ordinary event: formatted by hand, for there are a hundred thousand."""
        random = self._random
        self._number += 1
        context = "" if random() < _MEMBERSHIP_ONLY else f',"context":{{"groupId":"{account}"}}'
        head = (
            f'{{"type":"track","messageId":"m{self._number}","userId":"{user}","event":"{event}",'
            f'"timestamp":"{_stamp(at)}","properties":{{"surface":"web","plan_area":"workspace"}}{context},"receivedAt":"'
        )
        self._send(user, head, at + self._delay())
        if random() < _REPEATED:
            self._send(user, head, at + MINUTE_MS + self._delay())

    def _send(self, user: str, head: str, arrived_at: int) -> None:
        if arrived_at < self._end:
            value = f'{head}{_stamp(arrived_at)}"}}'.encode()
            self.sent.append(Sent(arrived_at, self._number, user, value))

    def _delay(self) -> int:
        chance = self._random()
        if chance < _LATE:
            return 26 * HOUR_MS + int(self._random() * 30 * HOUR_MS)
        if chance < _OFFLINE:
            return int(self._random() * 20 * MINUTE_MS)
        return 200 + int(chance * 3000)

    def _call(self, kind: str, life: Life, user: str, at: int, said: dict[str, object], *, delay: int = 400) -> None:
        """Write a call of any kind; the account is named."""
        self._number += 1
        call = {"type": kind, "messageId": message_id(self._number), "userId": user, "timestamp": rfc3339(at)}
        arrival = {"context": {"groupId": life.id}, "receivedAt": rfc3339(at + delay)}
        self.sent.append(Sent(at + delay, self._number, user, orjson.dumps(call | said | arrival)))


def _stamp(at: int) -> str:
    """The same text as `rfc3339`, three times as fast: most of a demo's messages are of a few days."""
    minute, ms = divmod(at, MINUTE_MS)
    return f"{_minute(minute)}:{ms // 1000:02}.{ms % 1000:03}Z"


@lru_cache(1 << 18)
def _minute(minute: int) -> str:
    return rfc3339(minute * MINUTE_MS)[:16]


def _deck(weights: dict[str, int]) -> tuple[str, ...]:
    return tuple(event for event, weight in weights.items() for _ in range(weight))


_DECK: Final = {work: _deck(dict(weights)) for work, weights in WORK.items()}


def _dated(traits: dict[str, object], at: int) -> dict[str, object]:
    """Turn days from now into dates."""
    return dict(_dates(traits, at))


def _dates(traits: Traits, at: int) -> Iterator[tuple[str, object]]:
    for name, value in traits.items():
        match name, value:
            case "trial_days" | "contract_days", int():
                ends_on = datetime.fromtimestamp((at + value * DAY_MS) / 1000, UTC).date()
                yield _DATES[name], date.isoformat(ends_on)
            case _:
                yield name, value


_DATES: Final = {"trial_days": "trial_ends_at", "contract_days": "contract_ends_at"}

BROKEN: Final = (
    b"",
    b"not json",
    b'{"type":"track","messageId":"b1","userId":"u","event":"Caf\xe9 Opened","timestamp":"2025-09-01T08:00:00Z"}',
    b'{"type":"track","messageId":"b2","event":"Workflow Run"}',
    b'{"type":"track","messageId":"b3","userId":"u"}',
    b'{"type":"click","messageId":"b4","userId":"u"}',
    b'{"type":"track","userId":"u","event":"Workflow Run"}',
    b'{"type":"track","messageId":"b5","userId":"u","event":"Workflow Run","timestamp":"2025-09-01T08:00:00"}',
    b'{"type":"track","messageId":"b6","userId":"nobody","event":"Workflow Run","timestamp":"2025-09-01T08:00:00Z"}',
    b'\x00\x00\x00\x00\x01{"type":"track"}',
)
"""Each for a reason of its own; one lacks nothing but an account."""
