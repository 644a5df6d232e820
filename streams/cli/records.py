"""Records of a topic as commands read them: committed ones only, changing nothing for anybody."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from streams.kafka.clients import reader_config
from streams.kafka.topic_admin import TopicsError
from streams.settings import Settings

CHUNK = 5_000
POLL_S = 0.2
PATIENCE_S = 30.0


def whole(settings: Settings, topic: str, partitions: Sequence[int]) -> Iterator[Message]:
    """All records of these partitions, from the beginning to where they now end."""
    unfinished = set(partitions)
    deadline = time.monotonic() + PATIENCE_S
    with closing(_consumer(settings, topic, partitions, OFFSET_BEGINNING)) as consumer:
        while unfinished:
            for message in _chunk(consumer):
                deadline = time.monotonic() + PATIENCE_S
                if _is_end(message):
                    unfinished.discard(message.partition())
                else:
                    yield message
            if time.monotonic() > deadline:
                raise TopicsError(f"{topic}: nothing came for {PATIENCE_S:.0f} s; is the broker still up?")


def following(
    settings: Settings,
    topic: str,
    partitions: Sequence[int],
    *,
    from_beginning: bool,
    is_wanted: Callable[[], bool],
) -> Iterator[Message]:
    """Records as they come, as long as they are wanted; those that are there already only if asked for."""
    start = OFFSET_BEGINNING if from_beginning else OFFSET_END
    with closing(_consumer(settings, topic, partitions, start)) as consumer:
        while is_wanted():
            yield from (message for message in _chunk(consumer) if not _is_end(message))


def headers_of(message: Message) -> dict[str, str]:
    """The headers as text; of several with one name the last, which is ours."""
    return {name: (value or b"").decode("utf-8", "backslashreplace") for name, value in message.headers() or ()}


def _consumer(settings: Settings, topic: str, partitions: Sequence[int], start: int) -> Consumer:
    # It joins no group and commits nothing; the name of the group is there because librdkafka asks for one.
    ours = {"auto.offset.reset": "earliest", "fetch.wait.max.ms": 20, "enable.partition.eof": True}
    consumer = Consumer(reader_config(settings) | ours)
    consumer.assign([TopicPartition(topic, partition, start) for partition in partitions])
    return consumer


def _chunk(consumer: Consumer) -> list[Message]:
    first = consumer.poll(POLL_S)
    return [] if first is None else [first, *consumer.consume(CHUNK, 0)]


def _is_end(message: Message) -> bool:
    error = message.error()
    if error is None:
        return False
    if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  librdkafka's public constant
        return True
    raise KafkaException(error)
