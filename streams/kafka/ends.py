"""Where the partitions end, asked again and again: what lag and "caught up" are measured against."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition  # type: ignore[import-untyped]
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[import-untyped]

from streams.kafka.clients import common_config
from streams.logs import fields
from streams.records import Origin
from streams.settings import Settings

log = logging.getLogger(__name__)
ASK_EVERY_S = 0.5
ANSWER_S = 2.0

Observe = Callable[[int, Mapping[Origin, int]], None]


class Ends:
    """A thread that asks, and tells `observe` when it asked and what the answer was. It never guesses."""

    def __init__(self, settings: Settings, observe: Observe) -> None:
        self._settings = settings
        self._observe = observe
        self._watched: Sequence[Origin] = ()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ends", daemon=True)

    def partition_counts(self) -> Mapping[str, int]:
        """How many partitions each topic has."""
        topics = AdminClient(common_config(self._settings)).list_topics(timeout=10).topics
        return {name: len(topic.partitions) for name, topic in topics.items()}

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def watch(self, origins: Sequence[Origin]) -> None:
        """Ask about these from now on."""
        self._watched = origins

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()

    def _run(self) -> None:
        admin = AdminClient(common_config(self._settings))
        while not self._stopping.wait(ASK_EVERY_S):
            if not self._watched:
                continue
            asked_at_ms = time.time_ns() // 1_000_000
            try:
                self._observe(asked_at_ms, _ask(admin, self._watched))
            except (KafkaException, TimeoutError) as failure:
                log.info("partition ends not known", extra=fields(error=type(failure).__name__))


def _ask(admin: AdminClient, origins: Sequence[Origin]) -> dict[Origin, int]:
    # Uncommitted records count: what is in an open transaction has arrived, and is not yet read.
    answers = admin.list_offsets(
        {TopicPartition(*origin): OffsetSpec.latest() for origin in origins},
        isolation_level=IsolationLevel.READ_UNCOMMITTED,
        request_timeout=ANSWER_S,
    )
    return {Origin(p.topic, p.partition): answer.result(ANSWER_S).offset for p, answer in answers.items()}
