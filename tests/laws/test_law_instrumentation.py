"""The law *source*: what is said of sources and accounts is the same however far each partition is ahead of others."""

from collections import defaultdict
from random import Random
from typing import TypeVar
from zlib import crc32

import orjson
import pytest

from schemas.reading import read_journey
from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from streams.engine.accounts import FollowPartition
from streams.engine.ahead import AHEAD
from streams.engine.clock import Progress
from streams.engine.compiled import Journey
from streams.engine.compiler import compile_journey
from streams.engine.message import Keyed, Message
from streams.engine.outputs import (
    AlertChanged,
    InstrumentationChanged,
    MilestoneReached,
    Output,
    RenewalDecided,
    RevenueMoved,
    Routed,
    SlaChanged,
    StageChanged,
)
from streams.engine.pipeline import Pipeline
from streams.engine.times import rfc3339
from streams.engine.users import RoutePartition
from tests.driver import START, journey
from tests.laws.streams import per_account
from tests.small_journey import REFERENCE
from tests.traffic import Sent, Traffic

JOURNEY = compile_journey(
    journey("""
instrumentation: {product: }
alerts:
  drop: {kind: usage_drop, severity: warning, when: {usage_drop: {}}, until: {none: [{usage_drop: {grade: hint}}]},
         raise: {to: critical, when: {usage_drop: {grade: critical}}}}
  quiet: {kind: risk, severity: info, when: {silent: {for: 4d}}}
""")
)
WHOLE_JOURNEY = compile_journey(read_journey(REFERENCE))
SOURCES, PARTITIONS, DAYS = 3, 2, 56
END = START + (DAYS + 2) * DAY_MS
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
    found.sort()
    return [
        Sent(crc32(account.encode()) % SOURCES, b"", _event(number, at, account))
        for number, (at, account) in enumerate(found)
    ]


def _event(number: int, at: int, account: str) -> bytes:
    call = {"type": "track", "event": "Report Viewed", "messageId": f"m{number}", "userId": f"{account}-ann"}
    stamps = {"timestamp": rfc3339(at - MINUTE_MS), "receivedAt": rfc3339(at)}
    return orjson.dumps(call | stamps | {"context": {"groupId": account}})


class Mill:
    """Some partitions of users and of accounts that go on by turns, die, and come back from what they wrote."""

    def __init__(self, journey: Journey, sent: list[Sent], random: Random) -> None:
        self.journey, self.random = journey, random
        self.inputs: list[list[Message]] = [[] for _ in range(1 + max(one.partition for one in sent))]
        for one in sent:
            into = self.inputs[one.partition]
            into.append(Message(one.key or None, one.value, None, len(into)))
        self.logs: list[list[Message]] = [[] for _ in range(PARTITIONS)]
        self.routes = [RoutePartition(journey) for _ in self.inputs]
        self.follows = [FollowPartition(journey) for _ in self.logs]
        self.written: dict[int, dict[bytes, bytes | None]] = defaultdict(dict)
        self.read = [0] * (len(self.inputs) + PARTITIONS)
        self.said: list[Output] = []
        self.has_waited = False

    def run(self) -> dict[str, list[Output]]:
        while any(self.read[n] < len(messages) for n, messages in enumerate(self.inputs)):
            self.turn(self.random.randrange(len(self.read)), self.random.choice([1, 30, 400]))
        for number, route in enumerate(self.routes):
            route.tick(END)
            self.mark(number)
        for number in range(PARTITIONS):
            self.follow(number, len(self.logs[number]))
        return per_account(self.said)

    def turn(self, number: int, messages: int) -> None:
        if number < len(self.inputs):
            self.route(number, messages)
        else:
            self.follow(number - len(self.inputs), messages)
        if self.random.random() < 0.1:
            self.die(number)

    def route(self, number: int, messages: int) -> None:
        first = self.read[number]
        self.read[number] = first + messages
        for output in self.routes[number].receive(self.inputs[number][first : first + messages]):
            if not isinstance(output, Routed):
                continue
            log = self.logs[crc32(output.account.encode()) % PARTITIONS]
            log.append(Message(output.account.encode(), output.value, END, len(log)))
        if self.random.random() < 0.5:
            self.mark(number)
        self.written[number] |= dict(self.routes[number].changes())

    def mark(self, number: int) -> None:
        route = self.routes[number]
        seen = {source: dict(hours) for source, hours in route.sightings().items()}
        for place, log in enumerate(self.logs):
            marker = Progress(len(self.inputs), {number: (route.clock, False)}, seen, (place, PARTITIONS))
            log.append(Message(None, marker.encode(), END, len(log)))

    def follow(self, number: int, messages: int) -> None:
        partition, place = self.follows[number], len(self.inputs) + number
        first = self.read[place]
        self.read[place] = min(first + messages, len(self.logs[number]))
        self.said += partition.receive(self.logs[number][first : self.read[place]])
        while partition.is_due and (self.random.random() < 0.9 or self.read[place] == len(self.logs[number])):
            self.said += partition.advance(self.random.choice([1, 5]))
        self.written[place] |= dict(partition.changes())
        self.has_waited = self.has_waited or any(key[:1] == AHEAD for key in self.written[place])

    def die(self, number: int) -> None:
        if number < len(self.inputs):
            self.routes[number] = _restored(RoutePartition(self.journey), self.written[number])
        else:
            self.follows[number - len(self.inputs)] = _restored(FollowPartition(self.journey), self.written[number])


def _restored(keyed: K, written: dict[bytes, bytes | None]) -> K:
    for key, value in written.items():
        keyed.load(key, value)
    keyed.ready()
    return keyed


def calm(journey: Journey, sent: list[Sent]) -> dict[str, list[Output]]:
    """One partition of each, message by message."""
    pipeline = Pipeline(journey)
    return per_account([output for one in sent for output in pipeline.receive(one.value)] + pipeline.advance(END))


@pytest.mark.parametrize("seed", range(6))
def test_partitions_that_differ_in_progress_die_and_come_back_say_what_one_says(seed: int) -> None:
    sent = town(Random(seed))
    mill = Mill(JOURNEY, sent, Random(seed))
    said, expected = mill.run(), calm(JOURNEY, sent)
    assert said == expected
    assert any(isinstance(output, InstrumentationChanged) for output in expected[""])
    assert mill.has_waited


TOLD = (AlertChanged, SlaChanged, StageChanged, MilestoneReached, RenewalDecided, RevenueMoved, InstrumentationChanged)
"""What the reference journey tells; how often it says where an account stands is the choice of batches."""


def told(said: dict[str, list[Output]]) -> dict[str, list[Output]]:
    """That of what was said, by account."""
    return per_account(one for outputs in said.values() for one in outputs if isinstance(one, TOLD))


@pytest.fixture(scope="module")
def small_base() -> tuple[list[Sent], dict[str, list[Output]]]:
    """A base so small that hours are silent by chance, dark for a day, and what one partition says of it."""
    sent = list(Traffic(accounts=30, seed=6, dark=range(37, 38)))
    return sent, told(calm(WHOLE_JOURNEY, sent))


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, 1, 3, 7, 14, 27])
def test_so_do_those_of_a_whole_journey_with_its_evidence(
    seed: int, small_base: tuple[list[Sent], dict[str, list[Output]]]
) -> None:
    sent, expected = small_base
    mill = Mill(WHOLE_JOURNEY, sent, Random(seed))
    assert told(mill.run()) == expected
    assert mill.has_waited
