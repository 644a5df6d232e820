"""The source: one consumer for all stages, polled by one thread, on which the rebalance callbacks run too."""

import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka import Message as KafkaMessage
from confluent_kafka.admin import AdminClient

from streams import metrics
from streams.kafka.clients import common_config, member_config
from streams.kafka.faults import FENCED, REPLACED, LostError, is_passing, patiently
from streams.kafka.intake import Budget, Gathering
from streams.kafka.membership import refuse_others
from streams.kafka.stage import Arrivals, Partition, Stage
from streams.kafka.standstill import Standstill
from streams.kafka.store import restore
from streams.logs import fields
from streams.records import Origin
from streams.settings import Settings

log = logging.getLogger(__name__)
POLL_S = 0.05
POLL_MESSAGES = 10_000
PATIENCE_S = 30.0
BEHIND_S = 5.0
"""To pause is to throw away what was fetched, and costs a second: only for what lasts longer than a large commit."""


class Sink(Protocol):
    """The side of the event loop, as the polling thread sees it."""

    def take(self, arrivals: Sequence[Arrivals]) -> None:
        """Receive messages; returns at once."""

    def adopt(self, partition: Partition) -> None:
        """Receive a restored partition; returns at once."""

    def release(self, origins: Sequence[Origin]) -> None:
        """Commit what is staged and forget these partitions; returns when that is done."""

    def fail(self, error: BaseException) -> None:
        """Hear that the process must end."""


class Source:
    """Reads, restores at assignment, and holds back when stepping does not keep up."""

    def __init__(self, settings: Settings, journey: str, stages: Sequence[Stage], sink: Sink) -> None:
        self._settings = settings
        self._journey = journey
        self._stages: Mapping[str, Stage] = {stage.source: stage for stage in stages}
        self._sink = sink
        self._restoring: dict[Origin, int] = {}
        self._active: set[Origin] = set()
        self._restored: deque[tuple[Partition, int]] = deque()
        self._assignments = 0
        self._budget = Budget(settings.max_outstanding_messages, settings.max_outstanding_bytes)
        self._held_back = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="source", daemon=True)
        self._restorers = ThreadPoolExecutor(4, thread_name_prefix="restore")
        self.standstill = Standstill()
        self.polled_at = time.monotonic()
        self.joined = False

    def start(self) -> None:
        """Join the group; returns at once."""
        self._consumer = Consumer(member_config(self._settings, self._journey))
        self._thread.start()

    def consumer(self) -> Consumer:
        """The member itself, for its group metadata."""
        return self._consumer

    @property
    def is_restored(self) -> bool:
        """Whether the group was joined and all assigned partitions are running."""
        return self.joined and not self._restoring

    def done(self, messages: int, size: int) -> None:
        """Hear that so much was committed or dropped, so that more may be read."""
        self._budget.give_back(messages, size)

    def stop(self, patience_s: float) -> None:
        """Close the consumer, which releases the partitions in order. Blocks."""
        self._stopping.set()
        self._budget.wake()
        if self._thread.is_alive():
            self._thread.join(patience_s)

    def _run(self) -> None:
        try:
            self._consumer.subscribe(
                list(self._stages),
                on_assign=self._on_assign,
                on_revoke=self._on_revoke,
                on_lost=self._on_lost,
            )
            while not self._stopping.is_set():
                self._poll()
        except Exception as error:  # whatever it is, it ends the process
            self._sink.fail(error)
        finally:
            self._restorers.shutdown(wait=False, cancel_futures=True)
            self._consumer.close()

    def _poll(self) -> None:
        self.polled_at = time.monotonic()
        self._resume_restored()
        self._hold_back()
        first = self._consumer.poll(POLL_S)
        # poll returns at once, consume would wait to fill up: so one, then all that is there.
        polled = [] if first is None else [first, *self._consumer.consume(POLL_MESSAGES - 1, 0)]
        if len(polled) < POLL_MESSAGES and not self._held_back:
            self.standstill.starve()
        self._hand_over(polled)

    def _hand_over(self, polled: list[KafkaMessage]) -> None:
        gathered: dict[tuple[str, int], Gathering] = {}
        for message in polled:
            origin = message.topic(), message.partition()
            gathering = gathered.get(origin)
            if gathering is None:
                gathering = gathered[origin] = Gathering(Origin(*origin))
            error = message.error()
            if error is None:
                gathering.add(message)
            else:
                _judge(error, Origin(*origin))
        arrivals = [batch for gathering in gathered.values() for batch in gathering.cut()]
        strangers = [a.origin for a in arrivals if a.origin in self._restoring]
        if strangers:  # cannot be: they are paused until restored; to drop the messages would lose them
            raise LostError(f"messages of partitions that are not restored: {strangers}")
        # A rebalance may come between the first and the rest: what was revoked then is another's to read.
        arrivals = [a for a in arrivals if a.origin in self._active]
        if arrivals:
            self._budget.spend(sum(len(a.messages) for a in arrivals), sum(a.size for a in arrivals))
            for batch in arrivals:
                self.standstill.fetched(batch.origin, batch.messages[-1].offset + 1)
            self._sink.take(arrivals)

    def _hold_back(self) -> None:
        """Wait a little when stepping is behind; if that is not enough, pause, and go on polling."""
        if self._held_back:
            if self._budget.is_half_free:
                self._pause(on=False)
        elif not self._budget.wait(BEHIND_S):
            self._pause(on=True)

    def _pause(self, *, on: bool) -> None:
        partitions = [TopicPartition(*origin) for origin in self._active]
        (self._consumer.pause if on else self._consumer.resume)(partitions)
        self._held_back = on
        metrics.paused.set(on)

    def _on_assign(self, consumer: Consumer, assigned: list[TopicPartition]) -> None:
        self._assignments += 1
        wanted = _with_start(consumer, assigned) if assigned else []
        consumer.incremental_assign(wanted)
        consumer.pause(wanted)
        for start in wanted:
            origin = Origin(start.topic, start.partition)
            self._restoring[origin] = self._assignments
            self._restorers.submit(self._restore, origin, self._assignments, start.offset)
        if not self.joined:
            self.joined = True
            self._restorers.submit(self._look_around)
        log.info("assigned", extra=fields(partitions=_names(assigned)))

    def _look_around(self) -> None:
        """Once in the group: whoever joined together with us was not in it before."""
        try:
            refuse_others(self._settings, AdminClient(common_config(self._settings)), self._journey)
        except LostError as fault:
            self._sink.fail(fault)
        except KafkaException as failure:  # no answer is no other journey
            log.warning("the group does not say who is in it", extra=fields(error=failure.args[0].str()))

    def _restore(self, origin: Origin, assignment: int, start: int) -> None:
        stage = self._stages[origin.topic]

        def is_wanted() -> bool:
            return self._restoring.get(origin) == assignment

        try:
            keyed = restore(self._settings, stage, origin.partition, start, is_wanted)
        except Exception as error:  # without its state the partition cannot be stepped
            self._sink.fail(error)
        else:
            self._restored.append((Partition(stage, origin, keyed, max(start, 0)), assignment))

    def _resume_restored(self) -> None:
        while self._restored:
            partition, assignment = self._restored.popleft()
            if self._restoring.get(partition.origin) != assignment:
                continue  # revoked meanwhile
            del self._restoring[partition.origin]
            self._active.add(partition.origin)
            self._sink.adopt(partition)
            if not self._held_back:
                self._consumer.resume([TopicPartition(*partition.origin)])

    def _on_revoke(self, consumer: Consumer, revoked: list[TopicPartition]) -> None:
        self._forget(revoked)
        self._sink.release([Origin(p.topic, p.partition) for p in revoked])
        consumer.incremental_unassign(revoked)
        log.info("revoked", extra=fields(partitions=_names(revoked)))

    def _on_lost(self, consumer: Consumer, lost: list[TopicPartition]) -> None:
        self._forget(lost)
        self._sink.fail(
            LostError("out of touch with Kafka for a whole session: its partitions may be another worker's now")
        )
        consumer.incremental_unassign(lost)

    def _forget(self, partitions: list[TopicPartition]) -> None:
        for partition in partitions:
            origin = Origin(partition.topic, partition.partition)
            self._restoring.pop(origin, None)
            self._active.discard(origin)
            self.standstill.forget(origin)


def _with_start(consumer: Consumer, assigned: list[TopicPartition]) -> list[TopicPartition]:
    """Give each its committed offset, asked of the group so that no transaction is pending on it."""
    committed = patiently(lambda: _ask_committed(consumer, assigned), PATIENCE_S)
    for partition in committed:
        if partition.offset < 0:  # a group that never committed begins at the beginning
            partition.offset = OFFSET_BEGINNING
    return committed


def _ask_committed(consumer: Consumer, assigned: list[TopicPartition]) -> list[TopicPartition]:
    committed: list[TopicPartition] = consumer.committed(assigned, timeout=PATIENCE_S)
    for partition in committed:
        if partition.error is not None:
            raise KafkaException(partition.error)
    return committed


def _judge(error: KafkaError, origin: Origin) -> None:
    """Go on after what librdkafka mends by itself; end loudly after the rest."""
    if error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 librdkafka's public constant
        raise LostError(
            f"{origin.topic}[{origin.partition}]: records after the committed offset were deleted unread; "
            "to accept the gap, stop all workers and set the group's offset"
        )
    if error.code() in FENCED:
        raise LostError(REPLACED)
    if not is_passing(error):
        raise LostError(f"{origin.topic}[{origin.partition}]: {error.name()}")
    log.warning("read error", extra=fields(error=error.name(), topic=origin.topic, partition=origin.partition))


def _names(partitions: Sequence[TopicPartition]) -> list[str]:
    return [f"{p.topic}[{p.partition}]" for p in partitions]
