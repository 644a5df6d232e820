"""The demo with Kafka: the story told to the events topic, the worker's verdicts read back and held to the engine's."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from schemas.journey import Journey
from schemas.reading import read_journey
from streams.demo.customers import PARTITIONS
from streams.demo.kafka import DemoError, Place, place
from streams.demo.messages import Sent, number_of
from streams.demo.oracle import Oracle
from streams.demo.reader import Reader, Seen
from streams.demo.result import Latency, Result
from streams.demo.screen import Screen
from streams.demo.teller import Teller
from streams.demo.told import Told
from streams.demo.verdicts import Verdicts, unlike

EVENTS_PER_S: Final = 3_000
"""So that people can follow: the usual story takes twenty seconds."""
STALLED_S: Final = 45.0
LINGER_S: Final = 1.0
"""After the last expected verdict: time for one that should not be."""
FRAME_S: Final = 0.02


class Live:
    """One telling."""

    def __init__(self, place: Place, sent: Sequence[Sent], expected: Verdicts, screen: Screen) -> None:
        self._place = place
        self._expected = expected
        self._screen = screen
        self._sent = sent
        self.verdicts = Verdicts()
        self.latencies: list[float] = []
        self.seconds = 0.0

    def run(self) -> None:
        """Tell all, until everything expected has been read back, or nothing more comes."""
        topics = self._place.topics
        names = [topics.transitions, topics.milestones, topics.alerts]
        with Reader(self._place.settings, names, PARTITIONS) as reader:
            self._teller = Teller(self._place.settings, topics.events, self._sent, EVENTS_PER_S)
            self._began = self._heard_at = time.monotonic()
            while not self._is_over():
                self._step(reader)
            self._teller.finish()

    def _is_over(self) -> bool:
        if not self._teller.is_done:
            return False
        quiet_s = time.monotonic() - self._heard_at
        is_complete = len(self.verdicts.ids) >= len(self._expected.ids)
        return quiet_s > (LINGER_S if is_complete else STALLED_S)

    def _step(self, reader: Reader) -> None:
        if not self._teller.is_done:
            self._teller.tell()
            self._heard_at = time.monotonic()
        for seen in reader.take(FRAME_S):
            self._hear(seen)
        self._place.check()
        if self._teller.failure is not None:
            raise DemoError(f"Kafka did not take an event: {self._teller.failure.str()}")
        self._screen.show(self._teller.at, self._teller.number)

    def _hear(self, seen: Seen) -> None:
        self.verdicts.take(seen.topic, seen.body)
        self._screen.hear(seen.topic, seen.body)
        self._heard_at = max(self._heard_at, seen.at)
        self.seconds = seen.at - self._began
        cause = seen.body["evidence"].get("event")
        if cause is not None:
            self.latencies.append(seen.at - self._teller.told_at[number_of(cause["message_id"])])


def run_on_kafka(place: Place, journey: Journey, story: Told, expected: Verdicts, screen: Screen) -> Result:
    """Tell the story through Kafka; what comes back must be the expected verdicts, each once."""
    live = Live(place, story.sent, expected, screen)
    live.run()
    agreed = sum(key in expected.ids for key in live.verdicts.ids)
    problems = unlike(expected, live.verdicts)
    where = {
        "JOURNEY_BOOTSTRAP_SERVERS": place.settings.bootstrap_servers,
        "JOURNEY_TOPIC_PREFIX": place.settings.topic_prefix,
    }
    return Result(journey, story, live.seconds, live.verdicts, _latency(live.latencies), agreed, problems, where)


def _latency(measured: list[float]) -> Latency | None:
    ordered = sorted(measured)
    if not ordered:
        return None
    p50, p99 = (1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99))
    return Latency(round(p50, 1), round(p99, 1), len(ordered))


def play(file: Path, story: Told, screen: Screen, stack: ExitStack, *, keep: bool) -> Result:
    """Start everything, tell the story, and compare. What was started ends with the stack."""
    journey = read_journey(file)
    with Oracle(journey, story.sent) as oracle:
        found = stack.enter_context(place(file, screen.note, keep=keep))
        screen.note("waiting for the engine's own verdicts, to compare …")
        expected = oracle.verdicts()
    return run_on_kafka(found, journey, story, expected, screen)
