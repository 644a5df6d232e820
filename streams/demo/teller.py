"""Tells the story to Kafka: produces its messages in the order they arrived, at an even pace of days."""

import time
from collections.abc import Sequence
from typing import Final

from confluent_kafka import KafkaError, Producer
from confluent_kafka import Message as KafkaMessage

from streams.demo.messages import FIRST_DAY, Sent
from streams.kafka.clients import PARTITIONER, common_config
from streams.settings import Settings

FLUSH_S: Final = 15.0
SLICE: Final = 2_000
"""Messages handed over between two looks at what has come back."""


class Teller:
    """Hands over what is due by the time that has passed; remembers when, to measure how long verdicts take."""

    def __init__(self, settings: Settings, topic: str, sent: Sequence[Sent], per_s: int) -> None:
        self._producer = Producer(
            common_config(settings)
            | {"partitioner": PARTITIONER, "linger.ms": 5, "compression.type": "lz4", "enable.idempotence": True}
        )
        self._topic = topic
        self._sent = sent
        self._ms_per_s = (sent[-1].arrived_at - FIRST_DAY) * per_s / len(sent)
        self._began = time.monotonic()
        self.number = 0
        """How many were handed over."""
        self.told_at: dict[int, float] = {}
        """When each message was, on our own clock."""
        self.failure: KafkaError | None = None

    @property
    def is_done(self) -> bool:
        """Whether all is handed over."""
        return self.number == len(self._sent)

    @property
    def at(self) -> int:
        """Where the story is."""
        return self._sent[self.number - 1].arrived_at if self.number else FIRST_DAY

    def tell(self) -> None:
        """Hand over what is due."""
        now = time.monotonic()
        due = FIRST_DAY + (now - self._began) * self._ms_per_s
        for message in self._sent[self.number : self.number + SLICE]:
            if message.arrived_at > due:
                break
            self._hand_over(message)
        self._producer.poll(0)

    def finish(self) -> None:
        """Wait until Kafka has all of it."""
        self._producer.flush(FLUSH_S)

    def _hand_over(self, message: Sent) -> None:
        while True:
            try:
                self._producer.produce(self._topic, message.value, message.user, on_delivery=self._delivered)
                break
            except BufferError:
                self._producer.poll(0.05)
        self.told_at.setdefault(message.number, time.monotonic())
        self.number += 1

    def _delivered(self, error: KafkaError | None, _message: KafkaMessage) -> None:
        self.failure = error or self.failure
