"""The ground a contender stands on: topics of its own on the one broker, and a worker on them."""

import platform
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count, getloadavg

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from bench.contender import Contender
from bench.load import Load, write, write_routed
from bench.offsets import Reader
from streams.app import is_compiled
from streams.engine.compiled import Journey
from streams.kafka.topic_admin import create_topics
from streams.kafka.topics import Topics

PARTITIONS = 4
MEASURED = ("faust-streaming", "confluent-kafka", "msgspec", "orjson", "quixstreams")


@dataclass(frozen=True)
class Ground:
    """One prefix on one cluster."""

    bootstrap_servers: str
    prefix: str

    @property
    def topics(self) -> Topics:
        """Its topics."""
        return Topics(self.prefix)

    def prepare(self) -> None:
        """Create the topics."""
        create_topics(AdminClient({"bootstrap.servers": self.bootstrap_servers}), self.topics, PARTITIONS)

    def load_accounts(self, load: Load, codec: str = "lz4") -> None:
        """Write a load where it needs no routing."""
        self.prepare()
        write(self.bootstrap_servers, self.topics.account_events, load, codec=codec)

    def load_routed(self, load: Load, journey: Journey) -> None:
        """Write a load as if the stage `route` had read it."""
        self.prepare()
        write_routed(self.bootstrap_servers, self.topics.account_events, load, journey, PARTITIONS)

    def load_users(self, load: Load) -> None:
        """Write a load at the beginning of the path."""
        self.prepare()
        write(self.bootstrap_servers, self.topics.events, load, by_user=True)

    @property
    def settings(self) -> Mapping[str, str]:
        """A worker's settings here: as by default, but that a load from the past is not live."""
        return {
            "JOURNEY_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "JOURNEY_TOPIC_PREFIX": self.prefix,
            "JOURNEY_CONSUMER_GROUP": self.prefix,
            "JOURNEY_INSTANCE": "bench",
            "JOURNEY_LIVE": "false",
            "JOURNEY_WEB_PORT": "0",
            "JOURNEY_LOG_LEVEL": "warning",
        }

    def worker(self, journey: str, **more: str) -> Contender:
        """One worker process of this project."""
        return Contender("bench.run_worker", (journey,), {**self.settings, **more})

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """Who watches the group's offsets."""
        with closing(Reader(self.bootstrap_servers, self.prefix)) as reader:
            yield reader

    def outputs(self) -> dict[str, int]:
        """How many outputs there are, by kind."""
        topics = self.topics
        told = (
            topics.transitions,
            topics.milestones,
            topics.alerts,
            topics.movements,
            topics.renewals,
            topics.accounts,
            topics.dead_letters,
        )
        return {topic.removeprefix(f"{self.prefix}."): self.committed(topic) for topic in told}

    def committed(self, topic: str) -> int:
        """How many records a `read_committed` reader finds in a topic."""
        config = {"bootstrap.servers": self.bootstrap_servers, "group.id": "bench-count", "enable.partition.eof": True}
        consumer = Consumer(config | {"isolation.level": "read_committed", "enable.auto.commit": False})
        partitions = consumer.list_topics(topic, 10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in partitions])
        found, ended = 0, 0
        while ended < len(partitions):
            messages = consumer.consume(10_000, 0.2)
            records = sum(message.error() is None for message in messages)
            found, ended = found + records, ended + len(messages) - records
        consumer.close()
        return found


def machine() -> dict[str, str | int | float]:
    """What every figure was measured on."""
    return {
        "cores": cpu_count() or 0,
        "processor": _processor(),
        "memory_gib": _memory_gib(),
        "load_average": round(getloadavg()[0], 1),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "engine": "compiled" if is_compiled() else "interpreted",
        **dict(_versions()),
    }


def _versions() -> Iterator[tuple[str, str]]:
    for name in MEASURED:
        with suppress(PackageNotFoundError):
            yield name, version(name)


def _processor() -> str:
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> int:
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemTotal"):
            return round(int(line.split()[1]) / 1024**2)
    return 0


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()
    except OSError:
        return []
