"""Committed offsets of a group, watched from outside: when did how many events count as done?"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from bench.contender import Contender
from streams.records import Origin

ANSWER_S = 10.0
STILL_S = 1.0
TAIL = 2_000
FINDING_COORDINATOR = frozenset(  # as a fresh broker does; librdkafka does not call these retriable
    {
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError._WAIT_COORD,  # noqa: SLF001 librdkafka's public constant
        KafkaError._TIMED_OUT,  # noqa: SLF001 librdkafka's public constant
    }
)
Offsets = Mapping[Origin, int]


@dataclass(frozen=True)
class Pace:
    """So many events in so many seconds."""

    events: int
    seconds: float


class Reader:
    """Looks at topics and at a group's offsets without being a member."""

    def __init__(self, bootstrap_servers: str, group: str) -> None:
        # Not read_committed: that would wait where a transaction is about to move the offset.
        config = {"bootstrap.servers": bootstrap_servers, "group.id": group, "isolation.level": "read_uncommitted"}
        self._consumer = Consumer(config | {"enable.auto.commit": False, "enable.partition.eof": True})

    def close(self) -> None:
        """Leave."""
        self._consumer.close()

    def ends(self, topic: str) -> dict[Origin, int]:
        """Where each partition ends now."""
        partitions = self._consumer.list_topics(topic, ANSWER_S).topics[topic].partitions
        return {Origin(topic, p): self._bounds(Origin(topic, p))[1] for p in partitions}

    def data_ends(self, topic: str) -> dict[Origin, int]:
        """The same without what follows the last keyed record: progress markers, and Kafka's own records."""
        return {origin: self._data_end(origin) for origin in self.ends(topic)}

    def committed(self, origins: Iterable[Origin]) -> dict[Origin, int]:
        """How far the group is committed."""
        asked = [TopicPartition(*origin) for origin in origins]
        while True:
            try:
                answer = self._consumer.committed(asked, timeout=ANSWER_S)
            except KafkaException as failure:
                if failure.args[0].code() not in FINDING_COORDINATOR:
                    raise
            else:
                return {Origin(at.topic, at.partition): max(at.offset, 0) for at in answer}

    def _bounds(self, origin: Origin) -> tuple[int, int]:
        low, high = self._consumer.get_watermark_offsets(TopicPartition(*origin), timeout=ANSWER_S)
        return low, high

    def _data_end(self, origin: Origin) -> int:
        low, high = self._bounds(origin)
        if low == high:
            return 0
        self._consumer.assign([TopicPartition(*origin, max(low, high - TAIL))])
        last = 0
        while (message := self._consumer.poll(ANSWER_S)) is not None and message.error() is None:
            if message.key() is not None:
                last = int(message.offset()) + 1
        self._consumer.unassign()
        return last


@dataclass
class Watch:
    """Samples of committed offsets while a contender works.

    The pace is taken from the first commit seen to the one that reaches all ends. So starting, joining and
    restoring do not count, and what the first commit held counts neither as events nor as time.
    """

    contender: Contender
    reader: Reader
    origins: Sequence[Origin]
    _seen: list[tuple[float, Offsets]] = field(default_factory=list)

    def until_reached(self, ends: Offsets, within_s: float) -> None:
        """Watch until these ends are committed."""
        self.contender.wait_for(lambda: reaches(self._look(), ends), within_s)

    def until_still(self, within_s: float) -> None:
        """Watch until nothing has been committed for a while."""
        self.contender.wait_for(self._is_still, within_s)

    def pace(self, counted: Offsets, ends: Offsets) -> Pace:
        """How fast `counted` was worked through, up to the moment all `ends` were reached."""
        steps = [(at, sum(min(offsets[o], counted[o]) for o in counted)) for at, offsets in self._seen]
        began, first = next(later for earlier, later in pairwise(steps) if later[1] > earlier[1])
        ended = next(at for at, offsets in self._seen if reaches(offsets, ends))
        if ended <= began or first == sum(counted.values()):
            raise ValueError("all was done in one commit: measure more events")
        return Pace(sum(counted.values()) - first, ended - began)

    def _look(self) -> Offsets:
        offsets = self.reader.committed(self.origins)
        self._seen.append((time.perf_counter(), offsets))
        return offsets

    def _is_still(self) -> bool:
        now = self._look()
        return next((self._seen[-1][0] - at for at, then in reversed(self._seen) if then != now), 0.0) > STILL_S


def reaches(offsets: Offsets, ends: Offsets) -> bool:
    """Whether every end is reached."""
    return all(offsets[origin] >= end for origin, end in ends.items())
