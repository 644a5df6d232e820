"""Two small stages that make every loss, repetition and disorder visible; and a worker that runs them.

    python -m tests.broker.plane      (settings from the environment)

`Relay` routes each event to its account. `Tally` numbers the events of each account and says the number with
each: so the outputs of an account must read 1, 2, 3 … and name each of its events once.
"""

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import orjson

from streams.app import run_worker
from streams.engine.message import Message
from streams.engine.outputs import DeadLetter, Output, Routed
from streams.engine.sightings import Seen
from streams.kafka.stage import Stage
from streams.kafka.topics import Topics
from streams.records import Origin, Record, carry
from streams.settings import Settings
from tests.broker.mortal import make_mortal
from tests.broker.stuck import make_stuck


class Relay:
    """Routes an event `{"account", "n"}` to its account; counts events of each user."""

    def __init__(self) -> None:
        self.clock = 0
        self.counts: dict[bytes, int] = {}
        self._changed: dict[bytes, None] = {b"": None}  # as the real ones do: the first commit writes a state
        self._applied = 0

    def load(self, key: bytes, value: bytes | None) -> None:
        assert value is not None
        self.counts[key] = int(value)

    def ready(self) -> None:
        pass

    def tick(self, clock: int) -> None:
        pass

    def sightings(self) -> Seen:
        return {}

    def receive(self, messages: Sequence[Message]) -> list[Output]:
        return [output for message in messages if (output := self._step(message)) is not None]

    def _step(self, message: Message) -> Output | None:
        self.clock = max(self.clock, message.recorded_at or 0)
        key, value = message.key or b"", message.value
        self.counts[key] = self.counts.get(key, 0) + 1
        self._changed[key] = None
        self._applied += 1
        try:
            event = orjson.loads(value or b"")
        except orjson.JSONDecodeError:
            return DeadLetter("not_json", "not JSON", message.key, value, message.headers, message.offset)
        if event.get("poison") == os.environ.get("POISON", "-"):
            raise ValueError(f"a fault that quotes {value!r}")
        return Routed(event["account"], value or b"", message.headers)

    def advance(self, limit: int) -> list[Output]:
        raise AssertionError(limit)

    is_due = False
    can_wait = False

    def changes(self) -> Iterable[tuple[bytes, bytes | None]]:
        if "FORGETFUL" in os.environ:
            raise ValueError("a fault that quotes somebody")
        changed, self._changed = self._changed, {}
        return [(key, b"%d" % self.counts.get(key, 0)) for key in changed]

    def dispositions(self) -> Mapping[str, int]:
        applied, self._applied = self._applied, 0
        return {"applied": applied}

    def warnings(self) -> Mapping[str, int]:
        return {}

    def __len__(self) -> int:
        return len(self.counts)


class Tally(Relay):
    """Numbers the events of each account; when a marker moves the clock, owes each account of the partition a chime."""

    def __init__(self) -> None:
        super().__init__()
        self._owed: list[bytes] = []

    def _step(self, message: Message) -> Output | None:
        if message.key is None:
            if "CHIMES" in os.environ:
                self._owed = [key for key in self.counts if key]
            return None
        super()._step(message)
        event = orjson.loads(message.value or b"")
        said = {"n": event["n"], "count": self.counts[message.key]}
        return Routed(message.key.decode(), json.dumps(said).encode(), None)

    @property
    def is_due(self) -> bool:  # type: ignore[override]
        return bool(self._owed) or self.can_wait

    @property
    def can_wait(self) -> bool:  # type: ignore[override]
        return "ENDLESS" in os.environ

    def advance(self, limit: int) -> list[Output]:
        now, self._owed = self._owed[:limit], self._owed[limit:]
        return [Routed(key.decode(), b'{"chime":1}', None) for key in now]


def plane_stages(topics: Topics) -> list[Stage]:
    def encode_routed(output: Output, origin: Origin, _now_ms: int) -> Record:
        assert isinstance(output, Routed | DeadLetter)
        return carry(output, origin, topics)

    def encode_tally(output: Output, _origin: Origin, _now_ms: int) -> Record:
        assert isinstance(output, Routed)
        return Record(topics.transitions, output.account.encode(), output.value)

    route = Stage("route", topics.events, topics.users_changelog, Relay, encode_routed, topics.account_events, marker)
    return [route, Stage("follow", topics.account_events, topics.state_changelog, Tally, encode_tally)]


def marker(of: int, sources: Mapping[int, tuple[int, bool]], seen: Seen, at: tuple[int, int]) -> bytes:  # noqa: ARG001
    return json.dumps({"of": of, "sources": sources}).encode()


def shift_clock() -> None:
    """Let this process believe in a time that is as many hours off as the file CLOCK_OFF_HOURS says at the moment."""
    right = time.time_ns
    if (file := os.environ.get("CLOCK_OFF_HOURS")) is not None:
        time.time_ns = lambda: right() + int(Path(file).read_text()) * 3_600_000_000_000


if __name__ == "__main__":
    make_mortal()
    make_stuck()
    shift_clock()
    settings = Settings()
    sys.exit(run_worker(settings, os.environ.get("FOLLOWS", "plane"), plane_stages(Topics(settings.topic_prefix))))
