"""Memory and restore: one worker over very many accounts, each with weeks of history.

A few typical accounts are lived through the engine; their states are written to the changelog over and over under
other names. Then a worker restores them, and its resident memory is read once it is ready.
"""

import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from socket import socket

from bench.contender import Contender
from bench.ground import PARTITIONS, Ground
from bench.journeys import BY_NAME
from bench.load import BEGIN_MS, NAMES, USERS, call, loader
from schemas.spans import DAY_MS
from streams.engine.account_store import COLD, HOT
from streams.engine.accounts import FollowPartition
from streams.engine.clock import Progress
from streams.engine.compiler import compile_journey
from streams.engine.message import Message

EVENTS_A_DAY = 25
TYPICAL = 20
READY_S = 180.0
State = list[tuple[bytes, bytes]]
"""One account's changelog records: the kind of each, and its value."""


@dataclass(frozen=True)
class Held:
    """What many accounts cost one worker."""

    accounts: int
    days: int
    packed_bytes: int
    """Of one account, in the changelog."""
    resident_mib: int
    peak_mib: int
    ready_s: float
    """From the start of the process until it is ready: interpreter, imports and joining the group included."""


def measure(ground: Ground, journey: str, accounts: int, days: int) -> Held:
    """Fill a changelog, restore a worker from it, and look at the worker."""
    ground.prepare()
    typical, shared = live(journey, days)
    fill(ground, typical, shared, accounts)
    port = free_port()
    began = time.monotonic()
    with ground.worker(journey, JOURNEY_WEB_PORT=str(port)) as worker:
        worker.wait_for(lambda: is_ready(port), READY_S, every_s=0.1)
        ready_s = time.monotonic() - began
        resident, peak = _memory_mib(worker)
    size = sum(len(value) for state in typical for _, value in state) // len(typical)
    return Held(accounts, days, size, resident, peak, round(ready_s, 2))


def live(journey: str, days: int) -> tuple[list[State], State]:
    """States of a few accounts after some weeks, and the records that every partition has once."""
    partition = FollowPartition(compile_journey(BY_NAME[journey]()))
    states: dict[bytes, State] = defaultdict(list)
    latest: dict[bytes, bytes] = {}
    for day in range(days):
        list(partition.receive([*_day(day), _marker(day)]))
        while partition.is_due:
            partition.advance(1000)
        latest |= {key: value for key, value in partition.changes() if value is not None}
    shared = [(key, value) for key, value in latest.items() if key[:1] not in (HOT, COLD)]
    for key, value in latest.items():
        if key[:1] in (HOT, COLD):
            states[key[1:]].append((key[:1], value))
    return list(states.values()), shared


def _day(day: int) -> Iterator[Message]:
    choose = Random(day)  # noqa: S311 no secret hangs on it
    count = TYPICAL * EVENTS_A_DAY
    for number in range(count):
        user = choose.randrange(USERS)
        at = BEGIN_MS + day * DAY_MS + number * DAY_MS // count
        offset = day * count + number
        event = call(offset * USERS + user, number % TYPICAL, choose.choice(NAMES), at)
        yield Message(event.account.encode(), event.value, at + DAY_MS, offset, None)


def _marker(day: int) -> Message:
    ends = BEGIN_MS + (day + 1) * DAY_MS
    return Message(None, Progress(1, {0: (ends, False)}).encode(), ends, 0)


def fill(ground: Ground, typical: Sequence[State], shared: State, accounts: int) -> None:
    """Write the typical states over and over under other names."""
    producer, topic = loader(ground.bootstrap_servers, 20), ground.topics.state_changelog

    def write(key: bytes, value: bytes, partition: int) -> None:
        while True:
            try:
                producer.produce(topic, value, key, partition)
            except BufferError:
                producer.poll(0.05)
            else:
                return

    for partition in range(PARTITIONS):
        for key, value in shared:
            write(key, value, partition)
    for number in range(accounts):
        for kind, value in typical[number % len(typical)]:
            write(kind + b"acct-%07d" % number, value, number % PARTITIONS)
    producer.flush(60)


def is_ready(port: int) -> bool:
    """Whether a worker has restored all that it owns."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _memory_mib(worker: Contender) -> tuple[int, int]:
    with open(f"/proc/{worker.pid}/status", encoding="ascii") as status:
        lines = dict(line.split(":", 1) for line in status)
    return tuple(int(lines[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]


def free_port() -> int:
    """A port for a worker's pages."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
