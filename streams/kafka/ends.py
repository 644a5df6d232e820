"""Where the partitions end, asked again and again: what lag and "caught up" are measured against."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from streams.kafka.clients import common_config, reader_config
from streams.kafka.clocks import steady_ms
from streams.kafka.faults import MOVED, LostError
from streams.kafka.standstill import Standstill
from streams.logs import fields
from streams.records import Origin
from streams.settings import Settings

log = logging.getLogger(__name__)
ASK_EVERY_S = 0.5
COUNT_EVERY_S = 5.0
ANSWER_S = 2.0
NEAR = 2
"""So many offsets before the end are most often the marker of a transaction, and nothing to be stepped."""
STANDING = 4
"""So many looks without a step make a position doubtful: behind a backlog each partition waits for its turn."""


class Empty(NamedTuple):
    """A span of offsets that holds no message: transaction markers and aborted records only."""

    origin: Origin
    start: int
    end: int


Observe = Callable[[int, Mapping[Origin, int], Sequence[Empty]], None]
Fail = Callable[[BaseException], None]


class Ends:
    """A thread that asks, and tells `observe` when it asked and what the answer was. It never guesses."""

    def __init__(self, settings: Settings, observe: Observe, standstill: Standstill, fail: Fail) -> None:
        """Tell `observe` also where nothing but transaction markers lies before an end, `standstill` where messages do.

        `fail` hears that a partition stands still, or that a topic got more of them: its keys now meet others, where
        their states are not.
        """
        self._settings = settings
        self._observe = observe
        self._standstill = standstill
        self._fail = fail
        self._counts: dict[str, int] = {}
        self._counted_at = 0.0
        self._watched: Mapping[Origin, int] = {}
        self._before: deque[Mapping[Origin, int]] = deque([{}], maxlen=STANDING)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ends", daemon=True)

    def partition_counts(self) -> Mapping[str, int]:
        """How many partitions each topic has."""
        topics = AdminClient(common_config(self._settings)).list_topics(timeout=10).topics
        return {name: len(topic.partitions) for name, topic in topics.items()}

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def watch(self, positions: Mapping[Origin, int]) -> None:
        """Ask about these from now on; a position is up to where a partition is stepped."""
        self._watched = positions

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()

    def _run(self) -> None:
        self._admin = AdminClient(common_config(self._settings))
        options = {"enable.partition.eof": True, "auto.offset.reset": "earliest", "queued.min.messages": 1}
        self._reader = Consumer(reader_config(self._settings) | options)
        while not self._stopping.wait(ASK_EVERY_S):
            if self._watched:
                try:
                    self._look(self._watched)
                except (KafkaException, TimeoutError) as failure:
                    log.info("partition ends not known", extra=fields(error=type(failure).__name__))
                except Exception as failure:  # whatever it is, without ends time would stand still
                    self._fail(failure)

    def _look(self, watched: Mapping[Origin, int]) -> None:
        if time.monotonic() >= self._counted_at + COUNT_EVERY_S:
            self._counted_at = time.monotonic()
            self._count({origin.topic for origin in watched})
        asked_at_ms = steady_ms()
        ends = _ask(self._admin, watched)
        behind = {origin: at for origin, at in watched.items() if at < ends[origin]}
        doubtful = {o: at for o, at in behind.items() if ends[o] - at <= NEAR or self._is_standing(o, at)}
        self._before.append(watched)
        empty = self._look_past(doubtful) if doubtful else ()
        self._observe(asked_at_ms, ends, empty)

    def _is_standing(self, origin: Origin, position: int) -> bool:
        return all(before.get(origin) == position for before in self._before)

    def _count(self, topics: set[str]) -> None:
        for topic in sorted(topics):
            count = len(self._admin.list_topics(topic, timeout=ANSWER_S).topics[topic].partitions)
            before = self._counts.setdefault(topic, count)
            if count != before:
                raise LostError(f"{topic} had {before} partitions and has {count}: {MOVED}")

    def _look_past(self, positions: Mapping[Origin, int]) -> list[Empty]:
        """Read on from positions that stand still before the end, or are near it: is there any message?"""
        left, found, waiting = dict(positions), list[Empty](), dict[Origin, int]()
        deadline = time.monotonic() + ANSWER_S
        self._reader.assign([TopicPartition(*origin, at) for origin, at in left.items()])
        try:
            while left and (message := self._reader.poll(max(0.0, deadline - time.monotonic()))) is not None:
                origin = Origin(message.topic(), message.partition())
                start, error = left.pop(origin, None), message.error()
                if start is None:
                    continue
                if error is None:
                    waiting[origin] = start
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 librdkafka's public constant
                    found.append(Empty(origin, start, message.offset()))
        finally:
            self._reader.unassign()
        self._standstill.look(waiting)
        return found


def _ask(admin: AdminClient, origins: Mapping[Origin, int]) -> dict[Origin, int]:
    # Uncommitted records count: what is in an open transaction has arrived, and is not yet read.
    answers = admin.list_offsets(
        {TopicPartition(*origin): OffsetSpec.latest() for origin in origins},
        isolation_level=IsolationLevel.READ_UNCOMMITTED,
        request_timeout=ANSWER_S,
    )
    return {Origin(p.topic, p.partition): answer.result(ANSWER_S).offset for p, answer in answers.items()}
