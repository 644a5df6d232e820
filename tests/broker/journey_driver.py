"""The test language of the whole worker: real traffic through the reference journey, judged by the oracle."""

import json
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from schemas.reading import read_journey
from streams.engine.compiler import compile_journey
from streams.engine.pipeline import Pipeline
from streams.replay import replay
from tests.broker.plane_driver import JOURNEY_WORKER, Plane
from tests.oracle import JUDGED, Said, differences, replayed, said_of
from tests.small_journey import REFERENCE
from tests.traffic import Sent


class JourneyPlane(Plane):
    """Real workers, real traffic."""

    command: tuple[str, ...] = JOURNEY_WORKER

    def __init__(
        self, bootstrap_servers: str, prefix: str, folder: Path, traffic: Iterable[Sent], journey: Path = REFERENCE
    ) -> None:
        super().__init__(bootstrap_servers, prefix, folder)
        self.settings |= {"JOURNEY_LIVE": "false", "JOURNEY_FILE": str(journey)}
        self.traffic = list(traffic)
        self.journey = journey

    def accepts(self, messages: Sequence[Sent]) -> None:
        """Send so much more of the traffic."""
        self.traffic += messages
        self.send_all(messages)

    def send_all(self, messages: Sequence[Sent]) -> None:
        for sent in messages:
            self._producer.produce(
                self.topics.events, sent.value, sent.key, partition=sent.partition, timestamp=sent.recorded_at
            )
            self._producer.poll(0)
        self._producer.flush(30)

    def send_over(self, seconds: float) -> threading.Thread:
        """Send the whole traffic on a thread, at a steady pace, in the order of arrival."""

        def send() -> None:
            share = max(1, int(len(self.traffic) / seconds / 20))
            for first in range(0, len(self.traffic), share):
                self.send_all(self.traffic[first : first + share])
                pace.wait(1 / 20)

        pace = threading.Event()
        thread = threading.Thread(target=send)
        thread.start()
        return thread

    def expected(self) -> Said:
        """What one calm replay of the same messages says."""
        lines = [sent.line() for sent in self.traffic]
        replay(read_journey(self.journey), [("traffic", lines)], self.folder / "replayed")
        return replayed(self.folder / "replayed")

    def figures_expected(self) -> dict[tuple[str, ...], float]:
        """The figures of the open periods after one calm pass, by kpi, of and period."""
        pipeline = Pipeline(compile_journey(read_journey(REFERENCE)))
        for sent in self.traffic:
            pipeline.receive(sent.value)
        assert pipeline.kpis is not None
        return {tuple(names): value for *names, value in pipeline.kpis.running()}

    def seen(self, expected: Said, within_s: float = 45.0) -> Said:
        """What a `read_committed` reader sees, once it is as much as expected and nothing more comes."""
        return said_of(
            {
                topic: [
                    value or b""
                    for _, value in self.read(getattr(self.topics, topic), _count(expected, topic), within_s)
                ]
                for topic in JUDGED
            }
        )

    def says_what_a_replay_says(self, within_s: float = 45.0) -> None:
        expected = self.expected()
        assert all(_count(expected, topic) for topic in JUDGED)
        found = differences(expected, self.seen(expected, within_s))
        assert not found, (len(found), found[:20])  # told in words: the soak is no test of pytest's
        self.keeps_the_same_dead_letters()

    def tells_of_the_source(self) -> None:
        """All accounts were silent together: that is told under the source's name, and of no account."""
        told = self.read(self.topics.instrumentation, 2)
        assert [(key, json.loads(value or b"")["status"]) for key, value in told[:2]] == [
            (b"product", "firing"),
            (b"product", "resolved"),
        ]

    def keeps_the_same_dead_letters(self) -> None:
        lines = (self.folder / "replayed" / "dead-letters.jsonl").read_text().splitlines()
        wanted = sorted(json.loads(line)["value"] for line in lines)
        letters = self.read(self.topics.dead_letters, len(wanted))
        assert sorted((value or b"").decode() for _, value in letters) == wanted


def _count(said: Said, topic: str) -> int:
    return sum(len(bodies) for bodies in said[topic].values())
