"""Latency at a fixed rate, through the whole path: from sending an event to seeing its alert, `read_committed`.

Each hundredth event fires an alert of an account of its own. Its time is taken just before it is handed to a
producer that does not linger, so the figure holds the way to the broker too; and again, by the same clock in the
same process, when the reader is given the alert.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import quantiles

from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition

from bench.contender import Contender
from bench.ground import Ground
from bench.journeys import RARE
from bench.load import NAMES, NETWORK_MS, Call, call, loader, send
from bench.offsets import Reader, reaches
from streams.kafka.clocks import wall_ms

ONE_ALERT_IN = 100
ACCOUNTS = 20_000
WARM_UP_S = 25.0
SLICE_S = 0.002
READY_S = 60.0
LAST_S = 10.0

CallOf = Callable[[int], tuple[Call, bool]]
"""The call of a number, and whether its verdict is watched for; that is of an account of its own then."""


@dataclass(frozen=True)
class Latency:
    """Latencies of alerts at one rate, in milliseconds."""

    per_second: int
    sent: int
    seen: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class Sender(threading.Thread):
    """Sends the calls of their numbers at a steady rate, and notes when each that is watched went."""

    def __init__(self, producer: Producer, topic: str, call_of: CallOf, per_second: int, seconds: float) -> None:
        super().__init__(name="sender")
        self._producer = producer
        self._topic = topic
        self._call_of = call_of
        self._rate = per_second
        self._count = int(per_second * seconds)
        self.sent_at: dict[str, float] = {}
        """By account, of those that are watched."""

    def run(self) -> None:
        """Send in slices of two milliseconds."""
        began, sent = time.perf_counter(), 0
        while sent < self._count:
            due = min(self._count, int((time.perf_counter() - began) * self._rate))
            for number in range(sent, due):
                self._send(number)
            sent = due
            self._producer.poll(0)
            time.sleep(SLICE_S)
        self._producer.flush(LAST_S)

    def _send(self, number: int) -> None:
        event, is_watched = self._call_of(number)
        if is_watched:
            self.sent_at[event.account] = time.perf_counter()
        send(self._producer, self._topic, event.user, event.value)


def measure(ground: Ground, per_second: int, seconds: float) -> Latency:
    """Latency at one rate, after a warm-up at the same rate."""
    ground.prepare()
    alerts, warm = reader_of(ground, ground.topics.alerts), int(per_second * WARM_UP_S)
    with ground.worker("alerting", JOURNEY_LIVE="true") as worker:
        _warm_up(ground, worker)
        producer = loader(ground.bootstrap_servers, 0)
        sender = Sender(producer, ground.topics.events, partial(_call_of, warm), per_second, seconds + WARM_UP_S)
        sender.start()
        seen = read(alerts, sender)
        sender.join()
    alerts.close()
    return latency(per_second, sender.sent_at, seen)


def _call_of(warm: int, number: int) -> tuple[Call, bool]:
    alerts, within = divmod(number, ONE_ALERT_IN)
    name = NAMES[number % len(NAMES)] if within else RARE
    account = number * 7919 % ACCOUNTS if within else ACCOUNTS + alerts
    return call(number, account, name, wall_ms() - NETWORK_MS), not within and number >= warm


def _warm_up(ground: Ground, worker: Contender) -> None:
    """Wait until the worker has committed a first event of every partition."""
    producer = loader(ground.bootstrap_servers, 0)
    for number in range(200):
        event = call(number, number, NAMES[0], wall_ms() - NETWORK_MS)
        send(producer, ground.topics.events, event.user, event.value)
    producer.flush(LAST_S)
    reader = Reader(ground.bootstrap_servers, ground.prefix)
    ends = reader.ends(ground.topics.events)
    worker.wait_for(lambda: reaches(reader.committed(ends), ends), READY_S)
    reader.close()


def reader_of(ground: Ground, topic: str) -> Consumer:
    """A `read_committed` reader at the end of a topic."""
    config = {"bootstrap.servers": ground.bootstrap_servers, "group.id": "bench-latency", "fetch.wait.max.ms": 10}
    consumer = Consumer(config | {"isolation.level": "read_committed", "enable.auto.commit": False})
    partitions = consumer.list_topics(topic, 10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, p, OFFSET_END) for p in partitions])
    return consumer


def read(consumer: Consumer, sender: Sender) -> dict[str, float]:
    """When each account's verdict was seen; over when all were, or none comes any more."""
    seen: dict[str, float] = {}
    deadline = None
    while deadline is None or time.perf_counter() < deadline:
        message = consumer.poll(0.1)
        now = time.perf_counter()
        if message is not None and message.error() is None:
            seen.setdefault(message.key().decode(), now)
        if not sender.is_alive():
            if seen.keys() >= sender.sent_at.keys():
                break
            deadline = deadline or now + LAST_S
    return seen


def latency(per_second: int, sent_at: Mapping[str, float], seen: Mapping[str, float]) -> Latency:
    """What was seen of what was sent, and how much later."""
    took_ms = [(seen[account] - at) * 1000 for account, at in sent_at.items() if account in seen]
    cuts = quantiles(took_ms, n=100, method="inclusive")
    return Latency(per_second, len(sent_at), len(took_ms), cuts[49], cuts[98], max(took_ms))
