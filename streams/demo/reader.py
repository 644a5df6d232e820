"""Reads back what the worker said, as anyone may: an ordinary `read_committed` consumer."""

import threading
import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Final, NamedTuple, Self

import orjson
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from streams.demo.verdicts import Body
from streams.kafka.clients import reader_config
from streams.settings import Settings

POLL_S: Final = 0.05
BATCH: Final = 500


class Seen(NamedTuple):
    """A verdict as it was read, and when on our own clock."""

    topic: str
    body: Body
    at: float


class Reader:
    """Reads topics from their beginning on a thread, so that each verdict is stamped the moment it is seen."""

    def __init__(self, settings: Settings, topics: Sequence[str], partitions: int) -> None:
        self._consumer = Consumer(reader_config(settings) | {"enable.partition.eof": False})
        self._consumer.assign([TopicPartition(name, p, OFFSET_BEGINNING) for name in topics for p in range(partitions)])
        self._queue: SimpleQueue[Seen | KafkaException] = SimpleQueue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, name="demo-reader", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._consumer.close()

    def take(self, within_s: float) -> list[Seen]:
        """What has come, waiting a little if nothing has. A failure to read is raised here."""
        seen: list[Seen] = []
        try:
            found = self._queue.get(timeout=within_s)
            while True:
                if isinstance(found, KafkaException):
                    raise found
                seen.append(found)
                found = self._queue.get_nowait()
        except Empty:
            return seen

    def _read(self) -> None:
        while not self._ended.is_set():
            message = self._consumer.poll(POLL_S)
            if message is not None:
                for each in (message, *self._consumer.consume(BATCH, 0)):
                    self._put(each, time.monotonic())

    def _put(self, message: KafkaMessage, now: float) -> None:
        error = message.error()
        if error is None:
            self._queue.put(Seen((message.topic() or "").rpartition(".")[2], orjson.loads(message.value() or b""), now))
        elif error.fatal() or error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001  a public constant
            self._queue.put(KafkaException(error))
