"""`journey replay`: the whole path over files, without Kafka; the bodies of the topics, byte for byte each time."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import orjson

from schemas import journey as file
from streams.bodies import Bodies
from streams.engine.compiler import compile_journey
from streams.engine.outputs import (
    AccountForgotten,
    AccountUpdated,
    AlertChanged,
    DeadLetter,
    Fact,
    FigureClosed,
    InstrumentationChanged,
    Linked,
    MilestoneReached,
    Output,
    PassedOn,
    RenewalDecided,
    RevenueMoved,
    Routed,
    Said,
    SlaChanged,
    StageChanged,
)
from streams.engine.pipeline import Pipeline

FILES = (
    "transitions", "milestones", "alerts", "movements", "renewals", "accounts", "kpis", "instrumentation",
    "dead-letters",
)  # fmt: skip
"""What a replay writes, each as `NAME.jsonl`."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Some editors begin a file with it; it is no part of a line."""


@dataclass(slots=True)
class Replayed:
    """What a replay did: messages read, how each ended, dead letters and warnings by reason, and lines by file."""

    messages: int = 0
    dispositions: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    held: int = 0
    """Messages that still wait for their account."""


class Places:
    """Which line of which input a message is, by its offset: they are counted over all inputs, in the order given."""

    def __init__(self) -> None:
        self._begun: list[tuple[int, str]] = []

    def begin(self, where: str, offset: int) -> None:
        """Say that an input begins."""
        self._begun.append((offset, where))

    def find(self, offset: int) -> tuple[str, int]:
        """The input, and the line in it, counted from 1."""
        first, where = self._begun[bisect_right(self._begun, offset, key=lambda begun: begun[0]) - 1]
        return where, offset - first + 1


def replay(source: file.Journey, inputs: Iterable[tuple[str, Iterable[bytes]]], out: Path) -> Replayed:
    """Run named inputs, line by line, through the journey, and write what it says into files under `out`.

    Empty lines are passed over. The files replace older ones only when the replay is whole. OSError is let through.
    """
    replayed = Replayed()
    out.mkdir(parents=True, exist_ok=True)
    partial = {name: out / f".{name}.jsonl.partial" for name in FILES}
    try:
        with ExitStack() as stack:
            files = {name: stack.enter_context(path.open("wb")) for name, path in partial.items()}
            for name, body in _bodies(source, inputs, replayed):
                files[name].write(orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE))
                replayed.written[name] += 1
        for name, path in partial.items():
            path.replace(out / f"{name}.jsonl")
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)
    return replayed


def _bodies(
    source: file.Journey, inputs: Iterable[tuple[str, Iterable[bytes]]], replayed: Replayed
) -> Iterator[tuple[str, object]]:
    journey = compile_journey(source)
    pipeline, bodies = Pipeline(journey), Bodies(source, journey)
    places, offset = Places(), -1
    for where, lines in inputs:
        places.begin(where, offset + 1)
        for offset, raw in enumerate(lines, offset + 1):  # noqa: B020  it counts on from file to file
            if not (line := message_in(raw)):
                continue
            replayed.messages += 1
            for output in pipeline.receive(line, offset=offset):
                if isinstance(output, DeadLetter):
                    replayed.reasons[output.reason] += 1
                yield _body(output, bodies, pipeline.clock, places)
            replayed.dispositions.update(pipeline.dispositions())
            replayed.warnings.update(pipeline.warnings())
    replayed.held = pipeline.held


_FILE_OF: Mapping[type[Said], str] = {
    StageChanged: "transitions",
    MilestoneReached: "milestones",
    AlertChanged: "alerts",
    SlaChanged: "alerts",
    RevenueMoved: "movements",
    RenewalDecided: "renewals",
    AccountUpdated: "accounts",
}
"""Where what is said of an account goes."""


def _body(output: Output, bodies: Bodies, clock: int, places: "Places") -> tuple[str, object]:
    match output:
        case InstrumentationChanged():
            return "instrumentation", bodies.instrumentation(output, clock)
        case DeadLetter():
            return "dead-letters", _dead_letter(output, *places.find(output.offset))
        case FigureClosed():
            return "kpis", bodies.figure(output, clock)
        case Routed() | Linked() | PassedOn() | Fact() | AccountForgotten():
            raise AssertionError("a pipeline keeps what it hands on")
        case _:
            return _FILE_OF[type(output)], bodies.body(output, clock)


def _dead_letter(letter: DeadLetter, where: str, number: int) -> dict[str, object]:
    """A line that could not become an event: as text, undecodable bytes as `\\xNN`."""
    return {
        "reason": letter.reason,
        "message": letter.detail,
        "input": where,
        "line": number,
        "value": None if letter.value is None else letter.value.decode("utf-8", "backslashreplace"),
    }


def message_in(line: bytes) -> bytes:
    """The message on a line of a file; empty if there is none."""
    message = line.rstrip(b"\r\n").removeprefix(BYTE_ORDER_MARK)
    return message if message.strip() else b""


def lines_of(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream, read as they come."""
    return iter(stream.readline, b"")
