"""The test language of the data plane: a load, workers that can be killed, and what a reader sees in the end."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Self
from urllib.request import urlopen

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, OffsetSpec, ResourceType
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from streams.kafka.topic_admin import create_topics
from streams.kafka.topics import Topics

PARTITIONS = 4
ACCOUNTS = 40
JOURNEY_WORKER = (str(Path(sys.executable).with_name("journey")), "worker")


class Worker:
    """A worker process with the small stages."""

    def __init__(self, plane: "Plane", instance: str, settings: dict[str, str]) -> None:
        self.log = plane.folder / f"{instance}-{time.monotonic_ns()}.log"
        env = os.environ | plane.settings | {"JOURNEY_INSTANCE": instance} | settings
        with self.log.open("w") as log:
            self.process = subprocess.Popen(plane.command, env=env, stderr=log)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def terminate(self) -> tuple[int, float]:
        """Exit code and seconds it took."""
        began = time.monotonic()
        self.process.terminate()
        return self.process.wait(30), time.monotonic() - began

    def ends(self, within_s: float) -> int:
        return self.process.wait(within_s)

    def says(self, message: str) -> bool:
        return any(line["message"] == message for line in self.lines())

    def lines(self) -> Iterator[dict[str, str]]:
        for line in self.log.read_text().splitlines(keepends=True):
            if line.endswith("\n") and line.startswith("{"):
                yield json.loads(line)


class Page:
    """What a worker tells Prometheus, read again at each question; nothing while the page is away."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/metrics"

    def samples(self, metric: str | None = None) -> list[Sample]:
        """The series of a metric, or all, with their labels and values."""
        try:
            page = urlopen(self._url, timeout=5).read().decode()
        except OSError:
            return []
        families = text_string_to_metric_families(page)
        return [sample for family in families for sample in family.samples if metric in (None, sample.name)]

    def sum(self, metric: str, **labels: str) -> float:
        """The sum of a metric over its labels, or over those series that have these."""
        return sum(one.value for one in self.samples(metric) if labels.items() <= one.labels.items())


class Supervised:
    """Runs a worker again whenever it ends by itself, as a supervisor does; within it, one is there or coming."""

    def __init__(self, plane: "Plane", instance: str = "one", **settings: str) -> None:
        self._start: Callable[[], Worker] = partial(plane.worker, instance, **settings)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.codes: list[int] = []
        """How each worker that ended did so."""

    def __enter__(self) -> Self:
        self.worker = self._start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.worker.kill()

    def _run(self) -> None:
        while not self._over.wait(0.1):
            if (code := self.worker.process.poll()) is not None:
                self.codes.append(code)
                self.worker = self._start()


class Plane:
    """Topics of its own, workers on them, and a load."""

    command: tuple[str, ...] = (sys.executable, "-m", "tests.broker.plane")

    def __init__(self, bootstrap_servers: str, prefix: str, folder: Path) -> None:
        self.topics = Topics(prefix)
        self.folder = folder
        self.admin = AdminClient({"bootstrap.servers": bootstrap_servers})
        # A client that has missed a leader coming back would wait for it for minutes.
        self.client = {"bootstrap.servers": bootstrap_servers, "topic.metadata.refresh.interval.ms": 5000}
        self.settings = {
            "JOURNEY_BOOTSTRAP_SERVERS": bootstrap_servers,
            "JOURNEY_TOPIC_PREFIX": prefix,
            "JOURNEY_CONSUMER_GROUP": prefix,
            "JOURNEY_SESSION_TIMEOUT_MS": "6000",
            "JOURNEY_WEB_PORT": "0",
        }
        self.sent = 0
        self.account_of: Callable[[int], int] = lambda number: number % ACCOUNTS
        self.taken: set[int] = set()
        """Events that the broker has taken."""
        self._workers: list[Worker] = []
        self._writing = self.client | {
            "partitioner": "murmur2_random",
            "linger.ms": 5,
            "enable.idempotence": True,
            # On a partition just made the broker may refuse the first batch and take the second: it knows no number to
            # expect. The first, sent again, counts as a duplicate then: lost, and called a success. So one at a time.
            "max.in.flight.requests.per.connection": 1,
        }
        self._producer = Producer(self._writing)

    def create_topics(self) -> Self:
        create_topics(self.admin, self.topics, PARTITIONS)
        return self

    def alter(self, topic: str, settings: Mapping[str, str]) -> None:
        """Change settings of a topic."""
        entries = [
            ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in settings.items()
        ]
        altered = self.admin.incremental_alter_configs(
            [ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)]
        )
        for future in altered.values():
            future.result(10)

    def worker(self, instance: str = "one", **settings: str) -> Worker:
        worker = Worker(self, instance, settings)
        self._workers.append(worker)
        return worker

    def close(self) -> None:
        for worker in self._workers:
            if worker.process.poll() is None:
                worker.kill()
            sys.stdout.writelines((f"{worker.log.name}:\n", *worker.log.read_text().splitlines(keepends=True)[-30:]))

    def send(self, count: int, **more: object) -> None:
        self._produce(count, **more)
        self._producer.flush(10)

    def _produce(self, count: int, **more: object) -> None:
        for number in range(self.sent, self.sent + count):
            account = self.account_of(number)
            event = json.dumps({"account": f"a{account}", "n": number, **more})
            heard = partial(self._heard, number)
            self._producer.produce(self.topics.events, event, f"u{account}", on_delivery=heard)
        self.sent += count
        self._producer.poll(0)

    def _heard(self, number: int, error: KafkaError | None, _message: Message) -> None:
        if error is None:
            self.taken.add(number)

    def send_raw(self, value: bytes | None, key: bytes | None, topic: str = "", partition: int = -1) -> None:
        self._producer.produce(topic or self.topics.events, value, key, partition)
        self._producer.flush(10)

    def send_in_transaction(self, count: int) -> None:
        """As `send`, from a producer whose transaction marker ends each partition."""
        plain, self._producer = self._producer, Producer(self._writing | {"transactional.id": self.topics.prefix})
        self._producer.init_transactions(10)
        self._producer.begin_transaction()
        self.send(count)
        self._producer.commit_transaction(10)
        self._producer = plain

    def under_load(self, count: int, per_second: int) -> threading.Thread:
        """Send on a thread, at a steady pace."""

        def send() -> None:
            share = max(1, per_second // 50)
            for _ in range(0, count, share):
                self._produce(share)
                pace.wait(share / per_second)
            self._producer.flush(60)

        pace = threading.Event()
        thread = threading.Thread(target=send)
        thread.start()
        return thread

    def dies_again_and_again(self, load: threading.Thread, times: int, seed: int) -> None:
        """Kill one worker after another with -9, each at a random moment of the load; the last one lives on."""
        chance = random.Random(seed)
        for _ in range(times):
            worker = self.worker()
            wait_until(lambda worker=worker: worker.says("assigned"))  # type: ignore[misc]
            load.join(chance.uniform(0.02, 1.3))
            worker.kill()
        self.worker()
        load.join()

    def is_joined_for_a_while(self, load: threading.Thread, seconds: float) -> None:
        """A second worker joins the first one under the load, and leaves well."""
        first = self.worker("one")
        wait_until(lambda: first.says("assigned"))
        second = self.worker("two")
        wait_until(lambda: second.says("restored"))
        load.join(seconds)
        assert second.terminate()[0] == 0
        load.join()
        assert first.process.poll() is None

    def outputs(self, count: int, within_s: float = 60.0) -> dict[str, list[dict[str, int]]]:
        """By account, what a `read_committed` reader sees once there are `count`, and nothing more comes."""
        said: dict[str, list[dict[str, int]]] = defaultdict(list)
        for key, value in self.read(self.topics.transitions, count, within_s):
            said[(key or b"").decode()].append(json.loads(value or b"{}"))
        return said

    def holds(self, topic: str) -> bool:
        """Whether there is anything in a topic."""
        numbers = self.admin.list_topics(topic, timeout=10).topics[topic].partitions
        last = {TopicPartition(topic, number): OffsetSpec.latest() for number in numbers}
        return any(end.result(10).offset > 0 for end in self.admin.list_offsets(last).values())

    def told(self) -> list[dict[str, tuple[int, bool]]]:
        """What markers have said of each source partition, in order; all destinations are told the same."""
        markers = [json.loads(value or b"") for key, value in self.read(self.topics.account_events, 1) if key is None]
        return [marker["sources"] for marker in markers]

    def read(self, topic: str, count: int, within_s: float = 60.0) -> list[tuple[bytes | None, bytes | None]]:
        """Keys and values of `records`."""
        return [(record.key(), record.value()) for record in self.records(topic, count, within_s)]

    def records(self, topic: str, count: int, within_s: float = 60.0) -> list[Message]:
        """All records of a topic, once they are at least `count`, and half a second has brought no more."""
        deadline = time.monotonic() + within_s
        while True:
            found = self._read(topic, count, deadline)
            if len(found) >= count or time.monotonic() > deadline:
                return found

    def _read(self, topic: str, count: int, deadline: float) -> list[Message]:
        """As `records`, but ends early where nothing comes for long: then begin anew.

        A client that was made while a broker came back from a hang can keep a leader epoch that is over, for good.
        """
        found: list[Message] = []
        settings = {"group.id": "reader", "isolation.level": "read_committed", "fetch.wait.max.ms": 20}
        consumer = Consumer(self.client | settings)
        counted = len(consumer.list_topics(topic, timeout=10).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in range(counted)])
        heard_at = time.monotonic()
        try:
            while time.monotonic() < min(deadline, heard_at + 8):
                message = consumer.poll(0.5)
                if message is None and len(found) >= count:
                    break
                if message is not None and message.error() is None:
                    found.append(message)
                    heard_at = time.monotonic()
        finally:
            consumer.close()
        return found

    def _lost(self, missing: set[int]) -> list[tuple[int, int, int]]:
        """Where those that are missing stand among the events: number, partition, offset."""
        records = self.records(self.topics.events, 1) if missing else []
        found = ((json.loads(r.value() or b"{}").get("n"), r.partition(), r.offset()) for r in records)
        return [one for one in found if one[0] in missing][:5]

    def shows_each_event_once(self, within_s: float = 60.0) -> None:
        """Every event is in the outputs exactly once, and each account's state counted each exactly once."""
        taken = set(self.taken)
        said = self.outputs(len(taken), within_s)
        numbers = sorted(one["n"] for all_of_one in said.values() for one in all_of_one)
        missing, twice = taken - set(numbers), len(numbers) - len(set(numbers))
        assert (len(numbers), self._lost(missing), twice) == (len(taken), [], 0)
        assert len(taken) == self.sent
        for account, all_of_one in said.items():
            counts = [one["count"] for one in all_of_one]
            assert counts == list(range(1, len(counts) + 1)), account


def wait_until(holds: Callable[[], bool], within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
