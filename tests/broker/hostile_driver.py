"""The test language of bad input: a good message after each bad one, and one verdict for every record."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from confluent_kafka import Message, Producer
from confluent_kafka.admin import NewTopic

from tests.broker.plane_driver import JOURNEY_WORKER, PARTITIONS, Page, Plane, free_port, wait_until
from tests.hostile import RECORDED_AT, message

JOURNEY = """\
journey: 1
name: hostile
version: 1
allowed_lateness: 1h
events:
  Report Created:
  Good Came:
stages: {trial: {initial: true}}
milestones: {good: {when: {did: Good Came}}}
"""

Headers = list[tuple[str, bytes | None]]
ODD_HEADERS: Headers = [("twice", b"1"), ("twice", b"\xff\x00"), ("nothing", None), ("reason", b"forged")]


class Letter(NamedTuple):
    """A dead letter as a reader finds it: whence, why, and what came."""

    partition: int
    offset: int
    reason: str
    key: bytes | None
    value: bytes | None


class HostilePlane(Plane):
    """A real worker, and producers that send it anything at all to one of its source topics."""

    command = JOURNEY_WORKER

    def __init__(self, bootstrap_servers: str, prefix: str, folder: Path) -> None:
        super().__init__(bootstrap_servers, prefix, folder)
        file, self._port = folder / "journey.yaml", free_port()
        file.write_text(JOURNEY)
        more = {"JOURNEY_LIVE": "false", "JOURNEY_FILE": str(file), "JOURNEY_WEB_PORT": str(self._port)}
        self.settings |= more
        self.verdicts: Counter[str] = Counter()
        self.letters: list[Letter] = []
        self.good = self.largest_header = 0
        self._producer = Producer(self._writing | {"message.max.bytes": 64_000_000, "compression.type": "zstd"})

    def create_topics(self) -> "HostilePlane":
        """Topics that keep records of the corpus' age, and the times they were given."""
        kept = {"retention.ms": "-1", "message.timestamp.type": "CreateTime"}
        made = [
            NewTopic(topic, PARTITIONS, 1, config=kept) for topic in (self.topics.events, self.topics.account_events)
        ]
        for topic in self.admin.create_topics(made).values():
            topic.result(10)
        super().create_topics()
        return self

    def send_bad(
        self, topic: str, value: bytes | None, key: bytes | None, verdict: str, more: Headers | None = None
    ) -> None:
        """A record, then a good message behind it on the same partition. `verdict` is a reason, or what else it is.

        The same value goes to the same partition again.
        """
        partition = crc32(value or b"") % PARTITIONS
        offset = self._send(topic, partition, key, value, [*ODD_HEADERS, *(more or ())])
        self.largest_header = max([self.largest_header, *(len(said or b"") for _, said in more or ())])
        if verdict in ("applied", "duplicate", "late"):
            self.verdicts[verdict] += 1
        else:
            self.verdicts["dead_letter"] += 1
            self.letters.append(Letter(partition, offset, verdict, key, value))
        self._send_good(topic, partition)

    def _send_good(self, topic: str, partition: int) -> None:
        account = f"good-{self.good}"
        call = message(messageId=account, userId=account, event="Good Came", context={"groupId": account})
        self._send(topic, partition, account.encode(), call)
        self.verdicts["applied"] += 1
        self.good += 1

    def _send(
        self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: Headers = ODD_HEADERS
    ) -> int:
        told: list[int] = []

        def tell(error: object, delivered: Message) -> None:
            assert error is None, error
            told.append(delivered.offset())

        self._producer.produce(topic, value, key, partition, on_delivery=tell, timestamp=RECORDED_AT, headers=headers)
        self._producer.flush(10)
        return told[0]

    def ends_each_message_once(self, topic: str) -> None:
        """Every record has the one verdict it was sent for, and no good message is missing or told twice."""
        accounts = [(key or b"").decode() for key, _ in self.read(self.topics.milestones, self.good, within_s=15)]
        assert sorted(accounts) == sorted(f"good-{number}" for number in range(self.good))
        letters = self.records(self.topics.dead_letters, len(self.letters))
        assert sorted(map(letter, letters)) == sorted(self.letters)
        assert {whence(record) for record in letters} == {topic}
        assert all((record.headers() or [])[: len(ODD_HEADERS)] == ODD_HEADERS for record in letters)
        assert (
            max(len(value or b"") for record in letters for _, value in record.headers() or ()) >= self.largest_header
        )
        wait_until(lambda: sum(self.dispositions().values()) >= sum(self.verdicts.values()))
        assert self.dispositions() == self.verdicts

    def dispositions(self) -> Counter[str]:
        """What the worker has counted in both stages."""
        counted: Counter[str] = Counter()
        for sample in Page(self._port).samples("journey_events_total"):
            counted[sample.labels["disposition"]] += int(sample.value)
        return counted


def letter(record: Message) -> Letter:
    """Read a dead letter; of a header that is there twice the last one is ours."""
    said = dict(record.headers() or [])
    partition, offset = (int(said[f"__streams.errors.{name}"]) for name in ("partition", "offset"))
    assert said["__streams.errors.message"]
    return Letter(partition, offset, said["reason"].decode(), record.key(), record.value())


def whence(record: Message) -> str:
    """The topic that a dead letter came from."""
    topic: bytes = dict(record.headers() or [])["__streams.errors.topic"]
    return topic.decode()
