"""Latency at a fixed rate, through the whole path: from sending an event to seeing its alert, `read_committed`.

Each hundredth event fires an alert of an account of its own. Its time is taken just before it is handed to a
producer that does not linger, so the figure holds the way to the broker too; and again, by the same clock in the
same process, when the reader is given the alert.
"""

import threading
import time
from dataclasses import dataclass
from statistics import quantiles

from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition

from bench.contender import Contender
from bench.ground import Ground
from bench.journeys import RARE
from bench.load import NAMES, NETWORK_MS, call, loader, send
from bench.offsets import Reader, reaches
from streams.kafka.clocks import wall_ms

ONE_ALERT_IN = 100
ACCOUNTS = 20_000
WARM_UP_S = 25.0
SLICE_S = 0.002
READY_S = 60.0
LAST_S = 10.0


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
    """Sends at a steady rate, and notes when each alerting event went."""

    def __init__(self, producer: Producer, topic: str, per_second: int, seconds: float) -> None:
        super().__init__(name="sender")
        self._producer = producer
        self._topic = topic
        self._rate = per_second
        self._count = int(per_second * seconds)
        self._warm = int(per_second * WARM_UP_S)
        self.sent_at: dict[str, float] = {}
        """By account, of those that count."""

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
        alerts, within = divmod(number, ONE_ALERT_IN)
        name = NAMES[number % len(NAMES)] if within else RARE
        account = number * 7919 % ACCOUNTS if within else ACCOUNTS + alerts
        event = call(number, account, name, wall_ms() - NETWORK_MS)
        if not within and number >= self._warm:
            self.sent_at[event.account] = time.perf_counter()
        send(self._producer, self._topic, event.user, event.value)


def measure(ground: Ground, per_second: int, seconds: float) -> Latency:
    """Latency at one rate, after a warm-up at the same rate."""
    ground.prepare()
    alerts = _reader_of(ground)
    with ground.worker("alerting", JOURNEY_LIVE="true") as worker:
        _warm_up(ground, worker)
        sender = Sender(loader(ground.bootstrap_servers, 0), ground.topics.events, per_second, seconds + WARM_UP_S)
        sender.start()
        seen = _read(alerts, sender)
        sender.join()
    alerts.close()
    return _latency(per_second, sender.sent_at, seen)


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


def _reader_of(ground: Ground) -> Consumer:
    config = {"bootstrap.servers": ground.bootstrap_servers, "group.id": "bench-latency", "fetch.wait.max.ms": 10}
    consumer = Consumer(config | {"isolation.level": "read_committed", "enable.auto.commit": False})
    topic = ground.topics.alerts
    partitions = consumer.list_topics(topic, 10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, p, OFFSET_END) for p in partitions])
    return consumer


def _read(consumer: Consumer, sender: Sender) -> dict[str, float]:
    """When each account's alert was seen; over when all were, or none comes any more."""
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


def _latency(per_second: int, sent_at: dict[str, float], seen: dict[str, float]) -> Latency:
    took_ms = [(seen[account] - at) * 1000 for account, at in sent_at.items() if account in seen]
    cuts = quantiles(took_ms, n=100, method="inclusive")
    return Latency(per_second, len(sent_at), len(took_ms), cuts[49], cuts[98], max(took_ms))
