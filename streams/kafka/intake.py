"""Taking messages off librdkafka's hands: in batches, by partition, and within a budget."""

import threading

from confluent_kafka import Message as KafkaMessage

from streams import metrics
from streams.engine.message import Message
from streams.kafka.stage import Arrivals
from streams.records import Origin

BATCH_MESSAGES = 2000


class Gathering:
    """One partition's share of a poll."""

    __slots__ = ("_messages", "_origin", "_size")

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._messages: list[Message] = []
        self._size = 0

    def add(self, message: KafkaMessage) -> None:
        """Take one message, off librdkafka's hands."""
        value = message.value()
        self._messages.append(
            Message(message.key(), value, message.timestamp()[1], message.offset(), message.headers())
        )
        if value is not None:
            self._size += len(value)

    def cut(self) -> list[Arrivals]:
        """Cut into batches short enough that no other partition waits long."""
        messages, origin = self._messages, self._origin
        if len(messages) <= BATCH_MESSAGES:
            return [Arrivals(origin, messages, self._size)] if messages else []
        parts = [messages[i : i + BATCH_MESSAGES] for i in range(0, len(messages), BATCH_MESSAGES)]
        share = self._size // len(parts)
        sizes = [*[share] * (len(parts) - 1), self._size - share * (len(parts) - 1)]
        return [Arrivals(origin, *part) for part in zip(parts, sizes, strict=True)]


class Budget:
    """How many messages and bytes may be read and not yet committed: what bounds the worker's memory."""

    def __init__(self, messages: int, size: int) -> None:
        self._limit = (messages, size)
        self._messages = self._size = 0
        self._changed = threading.Condition()
        self._open = False

    def spend(self, messages: int, size: int) -> None:
        """Count what was handed over."""
        with self._changed:
            self._messages += messages
            self._size += size
        metrics.outstanding.set(self._messages)

    def give_back(self, messages: int, size: int) -> None:
        """Count what is done with."""
        with self._changed:
            self._messages -= messages
            self._size -= size
            self._changed.notify_all()
        metrics.outstanding.set(self._messages)

    def wait(self, patience_s: float) -> bool:
        """Wait until there is room; answer whether there is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open or self._has_room(1.0), patience_s)

    def wake(self) -> None:
        """Let nobody wait any more."""
        with self._changed:
            self._open = True
            self._changed.notify_all()

    @property
    def is_half_free(self) -> bool:
        """Whether it is time to read again after a pause."""
        return self._open or self._has_room(0.5)

    def _has_room(self, share: float) -> bool:
        messages, size = self._limit
        return self._messages < messages * share and self._size < size * share
