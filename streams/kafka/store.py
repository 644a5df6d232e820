"""A partition's state as Kafka keeps it: the changelog, read back whole before the first batch is stepped.

The order is the guarantee: the transactions of our dead self are resolved (`Writer`), then the stable group
offset is asked (`Source`), then the changelog's end (uncommitted records included), then all up to it is read.
"""

import ctypes
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from schemas.state import StateVersionError
from streams import metrics
from streams.engine.message import Keyed
from streams.kafka.clients import reader_config
from streams.kafka.faults import MOVED, LostError, is_passing, patiently
from streams.kafka.stage import Stage
from streams.logs import fields
from streams.settings import Settings

log = logging.getLogger(__name__)
CHUNK = 5000
PATIENCE_S = 30.0


def restore(settings: Settings, stage: Stage, partition: int, start: int, is_wanted: Callable[[], bool]) -> Keyed:
    """Read the state of one partition back, of which the source was read up to `start`.

    Ends early, with a state nobody uses, once it is not wanted. LostError if there is no state where one must be.
    """
    began = time.monotonic()
    keyed = stage.keyed()
    try:
        count = _load(settings, stage.changelog, partition, keyed, is_wanted)
    except StateVersionError as newer:
        raise LostError(f"{stage.changelog}[{partition}] holds {newer}") from newer
    except KafkaException as refused:
        if refused.args[0].code() != KafkaError._UNKNOWN_PARTITION:  # noqa: SLF001 librdkafka's public constant
            raise
        raise LostError(
            f"{stage.source} has a partition {partition} and {stage.changelog} has none: "
            f"if partitions were added, {MOVED}"
        ) from None
    if stage.suppressions is not None:
        _load(settings, stage.suppressions, partition, keyed, is_wanted)
    if not is_wanted():
        return keyed
    if start > 0 and not count:  # every commit of offsets writes a state, if only the clock
        raise LostError(
            f"{stage.changelog}[{partition}] is empty, and {stage.source}[{partition}] was read up to {start}: the "
            "states are lost; to build them anew from the events, stop all workers and run: journey rebuild"
        )
    keyed.ready()
    _give_back_memory()
    took = time.monotonic() - began
    metrics.restore_seconds.observe(took)
    metrics.child(metrics.restored_records, stage.name).inc(count)
    log.info(
        "restored",
        extra=fields(topic=stage.source, partition=partition, records=count, seconds=round(took, 3)),
    )
    return keyed


def _give_back_memory() -> None:
    """Return what reading took for a while to the system: glibc keeps it, some 50 MiB for each rebalance."""
    with suppress(AttributeError, OSError):  # other libraries of C have no such call
        ctypes.CDLL(None).malloc_trim(0)


def _end_of(settings: Settings, changelog: TopicPartition) -> int:
    """Where the changelog ends, counting what is not yet committed; 0 if nothing is in it."""
    # read_committed would answer the last *stable* offset: too early while a transaction is being resolved.
    consumer = Consumer(reader_config(settings) | {"isolation.level": "read_uncommitted"})
    try:
        low, high = patiently(lambda: consumer.get_watermark_offsets(changelog, timeout=PATIENCE_S), PATIENCE_S)
    finally:
        consumer.close()
    return int(high) if high > low else 0


def _load(settings: Settings, topic: str, partition: int, keyed: Keyed, is_wanted: Callable[[], bool]) -> int:
    """Load a changelog up to where it now ends; how many records were in it."""
    changelog = TopicPartition(topic, partition, OFFSET_BEGINNING)
    if not (end := _end_of(settings, changelog)):
        return 0
    consumer = Consumer(
        reader_config(settings)
        | {
            # What waits here lies between the states for good: a quarter of a gigabyte of holes for each partition.
            "queued.max.messages.kbytes": 16_384,
            "fetch.wait.max.ms": 20,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
        }
    )
    try:
        consumer.assign([changelog])
        count, moved_at = 0, time.monotonic()
        patience_s = settings.transaction_timeout_ms / 1000 + PATIENCE_S
        while is_wanted():
            loaded, position = _load_chunk(consumer, keyed)
            count += loaded
            if position is not None:
                moved_at = time.monotonic()
                if position >= end:
                    break
            elif time.monotonic() - moved_at > patience_s:  # longer than our own open transaction holds readers back
                raise LostError(f"{topic}[{partition}] ends at {end}, and nothing of it came for {patience_s:.0f} s")
        return count
    finally:
        consumer.close()


def _load_chunk(consumer: Consumer, keyed: Keyed) -> tuple[int, int | None]:
    """Load what has come; answer how many records, and how far the changelog is read."""
    first = consumer.poll(0.5)
    if first is None:
        return 0, None
    count, position = 0, None
    for message in (first, *consumer.consume(CHUNK, 0)):
        error = message.error()
        if error is None:
            keyed.load(message.key(), message.value())
            count += 1
            position = message.offset() + 1
        elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 librdkafka's public constant
            position = message.offset()  # past aborted records and transaction markers too
        elif not is_passing(error):
            raise KafkaException(error)
    return count, position
