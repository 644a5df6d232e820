"""The law *source*: what is said of sources and accounts is the same however far each partition is ahead of others."""

from collections import defaultdict
from random import Random
from typing import TypeVar
from zlib import crc32

import orjson
import pytest

from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from streams.engine.accounts import FollowPartition
from streams.engine.ahead import AHEAD
from streams.engine.clock import Progress
from streams.engine.compiler import compile_journey
from streams.engine.message import Keyed, Message
from streams.engine.outputs import InstrumentationChanged, Output, Routed
from streams.engine.pipeline import Pipeline
from streams.engine.times import rfc3339
from streams.engine.users import RoutePartition
from tests.driver import START, journey
from tests.laws.streams import per_account

JOURNEY = compile_journey(
    journey("""
instrumentation: {product: }
alerts:
  drop: {kind: usage_drop, severity: warning, when: {usage_drop: {}}, until: {none: [{usage_drop: {grade: hint}}]},
         raise: {to: critical, when: {usage_drop: {grade: critical}}}}
  quiet: {kind: risk, severity: info, when: {silent: {for: 4d}}}
""")
)
SOURCES, PARTITIONS, DAYS = 3, 2, 56
END = START + (DAYS + 2) * DAY_MS
Sent = tuple[str, bytes]
K = TypeVar("K", bound=Keyed)


def town(random: Random) -> list[Sent]:
    """Eight accounts in office hours; in the last fortnight the source goes dark, and one account or another away."""
    dark_from = START + 42 * DAY_MS + random.randrange(24, 96) * HOUR_MS
    dark_until = dark_from + random.choice([5, 30, 80]) * HOUR_MS
    found = []
    for number in range(8):
        away_from = START + random.randrange(38, 2 * DAYS) * DAY_MS
        away_until = away_from + random.choice([7, 24, 200]) * HOUR_MS
        for hour in range(DAYS * 24):
            begins = START + hour * HOUR_MS
            if not 8 <= hour % 24 < 18 or hour // 24 % 7 > 4:
                continue
            if dark_from <= begins < dark_until or away_from <= begins < away_until:
                continue
            found += [(begins + random.randrange(HOUR_MS), f"town{number}") for _ in range(random.choice([1, 1, 2, 3]))]
    return [(account, _event(number, at, account)) for number, (at, account) in enumerate(sorted(found))]


def _event(number: int, at: int, account: str) -> bytes:
    call = {"type": "track", "event": "Report Viewed", "messageId": f"m{number}", "userId": f"{account}-ann"}
    stamps = {"timestamp": rfc3339(at - MINUTE_MS), "receivedAt": rfc3339(at)}
    return orjson.dumps(call | stamps | {"context": {"groupId": account}})


class Mill:
    """Some partitions of users and of accounts that go on by turns, die, and come back from what they wrote."""

    def __init__(self, sent: list[Sent], random: Random) -> None:
        self.random = random
        self.inputs: list[list[Message]] = [[] for _ in range(SOURCES)]
        for account, value in sent:
            into = self.inputs[crc32(account.encode()) % SOURCES]
            into.append(Message(None, value, None, len(into)))
        self.logs: list[list[Message]] = [[] for _ in range(PARTITIONS)]
        self.routes = [RoutePartition(JOURNEY) for _ in range(SOURCES)]
        self.follows = [FollowPartition(JOURNEY) for _ in range(PARTITIONS)]
        self.written: dict[int, dict[bytes, bytes | None]] = defaultdict(dict)
        self.read = [0] * (SOURCES + PARTITIONS)
        self.said: list[Output] = []
        self.has_waited = False

    def run(self) -> dict[str, list[Output]]:
        while any(self.read[n] < len(self.inputs[n]) for n in range(SOURCES)):
            self.turn(self.random.randrange(SOURCES + PARTITIONS), self.random.choice([1, 30, 400]))
        for number, route in enumerate(self.routes):
            route.tick(END)
            self.mark(number)
        for number in range(PARTITIONS):
            self.follow(number, len(self.logs[number]))
        return per_account(self.said)

    def turn(self, number: int, messages: int) -> None:
        if number < SOURCES:
            self.route(number, messages)
        else:
            self.follow(number - SOURCES, messages)
        if self.random.random() < 0.1:
            self.die(number)

    def route(self, number: int, messages: int) -> None:
        first = self.read[number]
        self.read[number] = first + messages
        for output in self.routes[number].receive(self.inputs[number][first : first + messages]):
            assert isinstance(output, Routed)
            log = self.logs[crc32(output.account.encode()) % PARTITIONS]
            log.append(Message(output.account.encode(), output.value, END, len(log)))
        if self.random.random() < 0.5:
            self.mark(number)
        self.written[number] |= dict(self.routes[number].changes())

    def mark(self, number: int) -> None:
        route = self.routes[number]
        seen = {source: dict(hours) for source, hours in route.sightings().items()}
        for place, log in enumerate(self.logs):
            marker = Progress(SOURCES, {number: (route.clock, False)}, seen, (place, PARTITIONS))
            log.append(Message(None, marker.encode(), END, len(log)))

    def follow(self, number: int, messages: int) -> None:
        partition, place = self.follows[number], SOURCES + number
        first = self.read[place]
        self.read[place] = min(first + messages, len(self.logs[number]))
        self.said += partition.receive(self.logs[number][first : self.read[place]])
        while partition.is_due and (self.random.random() < 0.9 or self.read[place] == len(self.logs[number])):
            self.said += partition.advance(self.random.choice([1, 5]))
        self.written[place] |= dict(partition.changes())
        self.has_waited = self.has_waited or any(key[:1] == AHEAD for key in self.written[place])

    def die(self, number: int) -> None:
        if number < SOURCES:
            self.routes[number] = _restored(RoutePartition(JOURNEY), self.written[number])
        else:
            self.follows[number - SOURCES] = _restored(FollowPartition(JOURNEY), self.written[number])


def _restored(keyed: K, written: dict[bytes, bytes | None]) -> K:
    for key, value in written.items():
        keyed.load(key, value)
    keyed.ready()
    return keyed


def calm(sent: list[Sent]) -> dict[str, list[Output]]:
    """One partition of each, message by message."""
    pipeline = Pipeline(JOURNEY)
    return per_account([output for _, value in sent for output in pipeline.receive(value)] + pipeline.advance(END))


@pytest.mark.parametrize("seed", range(6))
def test_partitions_that_differ_in_progress_die_and_come_back_say_what_one_says(seed: int) -> None:
    sent = town(Random(seed))
    mill = Mill(sent, Random(seed))
    said, expected = mill.run(), calm(sent)
    assert said == expected
    assert any(isinstance(output, InstrumentationChanged) for output in expected[""])
    assert mill.has_waited
