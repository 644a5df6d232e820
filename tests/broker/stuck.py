"""Clients of Kafka that are stuck and say nothing, as librdkafka's have been seen to be after a broker hung."""

import os
import threading
from collections.abc import Sequence

from confluent_kafka import Consumer, Producer, TopicPartition

from streams.kafka import commits, source, standstill, store, writer

THIRD_COMMIT = 3


class StuckProducer(Producer):  # type: ignore[misc]  # it comes without types
    """Does not come back from its third commit's offsets, whatever time it was given."""

    commits = 0

    def send_offsets_to_transaction(self, *arguments: object) -> None:
        type(self).commits += 1
        if self.commits == THIRD_COMMIT:
            threading.Event().wait()
        super().send_offsets_to_transaction(*arguments)


class DeafConsumer(Consumer):  # type: ignore[misc]
    """Fetches nothing from partition 0 of the events."""

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        super().resume([p for p in partitions if not (p.topic.endswith(".events") and p.partition == 0)])


def make_stuck() -> None:
    """Let this process use such clients, if the environment says so, and be sooner out of patience with them."""
    if "STUCK_PRODUCER" in os.environ:
        setattr(writer, "Producer", StuckProducer)  # noqa: B010  the module does not offer it
        setattr(commits, "STUCK_S", 6.0)  # noqa: B010  nor that it changes
    if "DEAF_CONSUMER" in os.environ:
        setattr(source, "Consumer", DeafConsumer)  # noqa: B010
        setattr(standstill, "LOOKS", 10)  # noqa: B010
    if "IMPATIENT" in os.environ:
        setattr(store, "PATIENCE_S", 3.0)  # noqa: B010
