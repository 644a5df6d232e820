"""The transactional writer: outputs, changed states and offsets become visible together or not at all."""

import itertools
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from streams import metrics
from streams.kafka.clients import BATCH_BYTES, writer_config
from streams.kafka.clocks import steady_ms
from streams.kafka.faults import FENCED, NOT_GRANTED, LostError
from streams.kafka.grants import lacks, transactional
from streams.logs import fields
from streams.records import Origin, Record
from streams.settings import Settings

log = logging.getLogger(__name__)
CALL_S = 5.0
GIVE_UP_S = 20.0
"""A client that has lost its coordinator over a broker's hang may never find it again; a process begun anew does."""
GONE = FENCED | NOT_GRANTED | {KafkaError.UNKNOWN_MEMBER_ID}
"""After these another worker owns the partitions, or trying again cannot help: the process ends."""
RECORD_FRAME, HEADER_FRAME = 40, 20
"""Bytes that a batch spends on each, at most: lengths, offset and time, all of variable length."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What goes into one transaction."""

    number: int
    records: Sequence[Record]
    offsets: Mapping[Origin, int]
    messages: int
    size: int


Done = Callable[[Commit, BaseException | None], None]


class Writer:
    """One thread, one producer, one transaction at a time."""

    def __init__(self, settings: Settings, consumer: Callable[[], Consumer], done: Done) -> None:
        """Write with the group metadata of `consumer()`; tell `done`, on the writer's thread, of each commit."""
        self._settings = settings
        self._consumer = consumer
        self._done = done
        self._queue: queue.SimpleQueue[Commit | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._stopping = threading.Event()
        self._calls = itertools.count()
        self.call: int | None = None
        """The number of the call of librdkafka's that is under way. Each is given `CALL_S`, and not each heeds it:
        offsets are sent for ever to a coordinator that was lost meanwhile (librdkafka's issue 5456)."""
        self.ahead_ms: int | None = None
        """How far at least the broker's clock is ahead of our steady one; None before it has stamped a marker."""

    def start(self) -> None:
        """Take the transactional id (this resolves what a dead self left open), then wait for commits. Blocks."""
        self._producer = Producer(writer_config(self._settings))
        try:
            self._patiently(lambda: self._producer.init_transactions(CALL_S))
        except KafkaException as refused:
            if refused.args[0].code() == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
                raise LostError(lacks(self._settings, [transactional(self._settings.consumer_group)])) from None
            raise
        self._thread.start()

    def submit(self, commit: Commit) -> None:
        """Hand over the next transaction."""
        self._queue.put(commit)

    def stop(self, patience_s: float) -> None:
        """End the thread; what is open is aborted, and not waited for longer than `patience_s`."""
        self._stopping.set()
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(patience_s)

    def _run(self) -> None:
        while (commit := self._queue.get()) is not None:
            error: BaseException | None = None
            try:
                with metrics.commit_seconds.time():
                    self._write(commit)
            except Exception as failure:  # whatever it is, it ends the process
                error = failure
            self._done(commit, error)
            _count(commit, error)
            if error is not None:
                return

    def _write(self, commit: Commit) -> None:
        """Commit, trying the same transaction again while we may still own what it speaks of."""
        deadline = time.monotonic() + GIVE_UP_S
        while True:
            try:
                return self._attempt(commit)
            except KafkaException as failure:
                error = failure.args[0]
                again = error.txn_requires_abort() and error.code() not in GONE and not error.fatal()
                if not again or time.monotonic() > deadline or self._stopping.is_set():
                    self._abort_quietly()
                    raise
                log.warning("transaction aborted; sending it again", extra=fields(error=error.name()))
                metrics.commit_retries.inc()
                self._patiently(lambda: self._producer.abort_transaction(CALL_S))
                self._stopping.wait(0.05)  # a rebalance is settling

    def _attempt(self, commit: Commit) -> None:
        producer = self._producer
        producer.begin_transaction()
        self._produce(commit.records)  # first: offsets pending with their records unsent once lost an update
        if commit.offsets:
            offsets = [TopicPartition(topic, partition, at) for (topic, partition), at in commit.offsets.items()]
            metadata = self._consumer().consumer_group_metadata()
            self._patiently(lambda: producer.send_offsets_to_transaction(offsets, metadata, CALL_S))
        self._patiently(lambda: producer.commit_transaction(CALL_S))

    def _produce(self, records: Sequence[Record]) -> None:
        """Send them in rounds, each taken by the broker before the next begins: see BATCH_BYTES."""
        sizes: Counter[str] = Counter()
        for record in records:
            size = _size(record)
            if sizes[record.topic] + size > BATCH_BYTES:
                self._patiently(self._flush)
                sizes.clear()
            sizes[record.topic] += size
            self._produce_one(record)
        self._patiently(self._flush)

    def _produce_one(self, record: Record) -> None:
        where = -1 if record.partition is None else record.partition
        told = self._hear_clock if record.key is None and where >= 0 else None  # a marker
        self._producer.produce(record.topic, record.value, record.key, where, told, headers=record.headers)

    def _hear_clock(self, error: KafkaError | None, marker: Message) -> None:
        """Compare clocks: the broker stamped the marker before we hear of it."""
        if error is None:
            _, stamped_at_ms = marker.timestamp()
            self.ahead_ms = stamped_at_ms - steady_ms()

    def _flush(self) -> None:
        if self._producer.flush(CALL_S):
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "flush", False, True, False))  # noqa: SLF001, FBT003

    def _patiently(self, call: Callable[[], object]) -> None:
        """Make a call that may be made again after a time-out, for a bounded time."""
        deadline = time.monotonic() + GIVE_UP_S
        while True:
            self.call = next(self._calls)
            try:
                call()
                return
            except KafkaException as failure:
                error = failure.args[0]
                if not error.retriable() or time.monotonic() > deadline or self._stopping.is_set():
                    raise
            finally:
                self.call = None

    def _abort_quietly(self) -> None:
        try:
            self._producer.abort_transaction(CALL_S)
        except KafkaException as failure:
            log.info("abort refused", extra=fields(error=failure.args[0].name()))


def _size(record: Record) -> int:
    """Bytes of a record in a batch, at most."""
    size = len(record.value or b"") + len(record.key or b"") + RECORD_FRAME
    if record.headers:
        size += sum(len(name) + len(value or b"") + HEADER_FRAME for name, value in record.headers)
    return size


def _count(commit: Commit, error: BaseException | None) -> None:
    if error is None:
        metrics.commits.inc()
        for topic, count in Counter(record.topic for record in commit.records).items():
            metrics.child(metrics.outputs, topic).inc(count)
