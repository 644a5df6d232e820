"""The load: Segment track calls of many accounts in the order of time, about 270 bytes each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from random import Random
from typing import NamedTuple

from confluent_kafka import Producer

from schemas.spans import DAY_MS
from streams.engine.clock import Progress
from streams.engine.compiled import Journey
from streams.engine.message import Message
from streams.engine.outputs import Routed
from streams.engine.times import rfc3339
from streams.engine.users import RoutePartition
from streams.kafka.clients import PARTITIONER

NAMES = (
    "Signed In",
    "Project Created",
    "Report Created",
    "Report Exported",
    "Dashboard Viewed",
    "Invite Sent",
    "Integration Connected",
    "Comment Added",
    "Search Performed",
    "Settings Changed",
)
EVENTS_PER_ACCOUNT = 50
EVENTS_PER_ACCOUNT_AND_DAY = 25
USERS = 8
BEGIN_MS = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000)
"""In the past of every run: an arrival ahead of its record's timestamp would be refused."""
NETWORK_MS = 180
MARK_EVERY = 12_500
"""Events between two progress markers: at the pace that is measured, several come in each commit's worth."""


class Call(NamedTuple):
    """One message of the load."""

    account: str
    user: str
    value: bytes


@dataclass(frozen=True)
class Load:
    """Every account sends as many events, whatever the size: so a small load does the same work as a large one."""

    events: int
    names: tuple[str, ...] = NAMES
    seed: int = 20_260_302

    @property
    def accounts(self) -> int:
        """How many accounts send."""
        return max(1, self.events // EVENTS_PER_ACCOUNT)

    def calls(self) -> Iterator[Call]:
        """The same calls at every run."""
        choose = Random(self.seed)  # noqa: S311 no secret hangs on it
        accounts = choose.choices(range(self.accounts), k=self.events)
        names = choose.choices(self.names, k=self.events)
        step_ms = DAY_MS / (EVENTS_PER_ACCOUNT_AND_DAY * self.accounts)
        for number, (account, name) in enumerate(zip(accounts, names, strict=True)):
            yield call(number, account, name, BEGIN_MS + int(number * step_ms))


def call(number: int, account: int, name: str, at: int) -> Call:
    """One call; `at` is UTC ms."""
    account_id = f"acct-{account:06d}"
    user = f"{account_id}-u{number % USERS}"
    value = (
        f'{{"type":"track","messageId":"bench-{number:012d}","userId":"{user}","event":"{name}",'
        f'"timestamp":"{rfc3339(at)}","receivedAt":"{rfc3339(at + NETWORK_MS)}",'
        f'"context":{{"groupId":"{account_id}"}},'
        f'"properties":{{"screen":"overview","duration_ms":{number % 5000},"ok":true}}}}'
    )
    return Call(account_id, user, value.encode())


def write(bootstrap_servers: str, topic: str, load: Load, *, by_user: bool = False, codec: str = "lz4") -> None:
    """Write the whole load to a topic, keyed by account or by user, and wait until the broker has it."""
    producer = loader(bootstrap_servers, linger_ms=20, codec=codec)
    for account, user, value in load.calls():
        send(producer, topic, user if by_user else account, value)
    if producer.flush(60):
        raise TimeoutError(f"{topic}: the broker did not take the load")


def write_routed(bootstrap_servers: str, topic: str, load: Load, journey: Journey, partitions: int) -> None:
    """Write the whole load as the stage `route` does: by account, and every so often how far time has come.

    Without those markers no day would close, and what asks whether its source was alive would wait for ever.
    """
    producer, route = loader(bootstrap_servers, linger_ms=20), RoutePartition(journey)
    calls = enumerate(load.calls())
    while batch := [
        Message(call.user.encode(), call.value, None, number) for number, call in islice(calls, MARK_EVERY)
    ]:
        for routed in route.receive(batch):
            assert isinstance(routed, Routed)
            send(producer, topic, routed.account, routed.value)
        told, seen = {0: (route.clock, False)}, {source: dict(hours) for source, hours in route.sightings().items()}
        for number in range(partitions):
            producer.produce(topic, Progress(1, told, seen, (number, partitions)).encode(), None, number)
    if producer.flush(60):
        raise TimeoutError(f"{topic}: the broker did not take the load")


def loader(bootstrap_servers: str, linger_ms: int, codec: str = "lz4") -> Producer:
    """A producer that keeps order and is not transactional."""
    return Producer(
        {
            "bootstrap.servers": bootstrap_servers,
            "partitioner": PARTITIONER,
            "enable.idempotence": True,
            "linger.ms": linger_ms,
            "compression.type": codec,
            "batch.size": 1_000_000,
            "queue.buffering.max.messages": 1_000_000,
        }
    )


def send(producer: Producer, topic: str, key: str, value: bytes) -> None:
    """Produce, waiting where the producer is full."""
    while True:
        try:
            producer.produce(topic, value, key)
        except BufferError:
            producer.poll(0.05)
        else:
            return
