"""A place for one demo: a cluster, topics that nobody else uses, and a worker on them."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from confluent_kafka.admin import AdminClient

from streams.demo.customers import PARTITIONS
from streams.demo.worker import WorkerProcess
from streams.kafka.broker import cluster, given_cluster
from streams.kafka.clients import common_config
from streams.kafka.topic_admin import create_topics
from streams.kafka.topics import Topics, layouts
from streams.settings import Settings, load_settings
from streams.signals import held

T = TypeVar("T")

READY_S: Final = 60.0
DELETE_S: Final = 15.0
IDLE_S: Final = 3600
"""Longer than any demo: time is held by all partitions to the last message of each, which is of the same instant."""


class DemoError(RuntimeError):
    """The demo cannot go on; the text says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a demo plays."""

    settings: Settings
    topics: Topics
    worker: WorkerProcess

    def check(self) -> None:
        """Raise DemoError if the worker has ended."""
        if not self.worker.is_running:
            raise DemoError(f"the worker ended by itself; the last lines of its log:\n{self.worker.last_lines()}")


@contextmanager
def place(journey: Path, note: Callable[[str], None], *, keep: bool) -> Iterator[Place]:
    """Start what is needed; when it is left, all of it ends. `keep` leaves the topics on a cluster that stays."""
    with ExitStack() as stack:
        note("starting Kafka; the first time, Maven fetches it …" if not given_cluster() else "looking for Kafka …")
        prefix = f"demo-{secrets.token_hex(4)}"
        settings = load_settings(
            bootstrap_servers=_begin(stack, cluster()),
            topic_prefix=prefix,
            consumer_group=prefix,
            instance=prefix,
        )
        note("making topics …")
        _begin(stack, _topics(settings, keep=keep or not given_cluster()))
        note("starting the worker …")
        worker = _begin(stack, WorkerProcess(_environment(settings, journey)))
        found = Place(settings, Topics(prefix), worker)
        _wait_until_ready(found)
        yield found


def _begin(stack: ExitStack, begun: AbstractContextManager[T]) -> T:
    """Enter a context so that no signal can come between what it begins and what undoes it."""
    with held():
        return stack.enter_context(begun)


def _environment(settings: Settings, journey: Path) -> dict[str, str]:
    given = {
        "BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "TOPIC_PREFIX": settings.topic_prefix,
        "CONSUMER_GROUP": settings.consumer_group,
        "INSTANCE": settings.instance,
        "FILE": str(journey),
        "LIVE": "false",
        "IDLE_AFTER_S": str(IDLE_S),
        "WEB_PORT": "0",
        "LOG_LEVEL": "info",
    }
    return {f"JOURNEY_{name}": value for name, value in given.items()}


@contextmanager
def _topics(settings: Settings, *, keep: bool) -> Iterator[None]:
    admin, topics = AdminClient(common_config(settings)), Topics(settings.topic_prefix)
    try:
        create_topics(admin, topics, PARTITIONS)
        yield
    finally:
        if not keep:
            for deleted in admin.delete_topics(list(layouts(topics)), request_timeout=DELETE_S).values():
                deleted.exception(DELETE_S)  # one that was never made is no matter


def _wait_until_ready(found: Place) -> None:
    deadline = time.monotonic() + READY_S
    while found.worker.restored < 2 * PARTITIONS:
        found.check()
        if time.monotonic() > deadline:
            raise DemoError(f"the worker was not ready in {READY_S:.0f} s:\n{found.worker.last_lines()}")
        time.sleep(0.05)
