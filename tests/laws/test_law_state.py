"""The laws *determinism*, *restore*, *duplicate* and *one end*: of a whole stream through the whole path."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from streams.engine.outputs import DeadLetter, Output
from streams.engine.pipeline import Pipeline
from tests.laws.streams import END, JOURNEY, Sent, per_account, streams

if TYPE_CHECKING:
    from streams.engine.message import Keyed

ROOT = Path(__file__).parents[2]

REPLAY = """
import hashlib, random, sys
from tests.laws.streams import JOURNEY
from tests.laws.seeded import life
from streams.engine.pipeline import Pipeline
pipeline, outputs = Pipeline(JOURNEY), []
for value in life(random.Random(7), 1_500):
    outputs += pipeline.receive(value)
print(len(outputs), hashlib.sha256(repr(outputs).encode()).hexdigest())
"""


def finish(pipeline: Pipeline) -> list[Output]:
    """Let time decide all that it will."""
    return pipeline.advance(END)


def replay(stream: list[Sent]) -> list[Output]:
    pipeline = Pipeline(JOURNEY)
    outputs = [output for sent in stream for output in pipeline.receive(sent.value)]
    return outputs + finish(pipeline)


def restarted(pipeline: Pipeline, log: dict[tuple[int, bytes], bytes | None]) -> Pipeline:
    """The same, after its changes went to a changelog and came back from there."""
    after = Pipeline(JOURNEY)
    after._offset, after._followed = pipeline._offset, pipeline._followed
    _carry(pipeline._route, after._route, log, 0)
    _carry(pipeline.follow, after.follow, log, 1)
    return after


def _carry(old: "Keyed", new: "Keyed", log: dict[tuple[int, bytes], bytes | None], topic: int) -> None:
    log |= {(topic, key): value for key, value in old.changes()}
    for (where, key), value in log.items():
        if where == topic:
            new.load(key, value)
    new.ready()


def test_the_same_stream_gives_the_same_outputs_in_every_python_process() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", REPLAY],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in [("1", "UTC"), ("2", "Asia/Tokyo")]
    ]
    assert runs[0] == runs[1]
    assert int(runs[0].split()[0]) > 500


@settings(max_examples=60, deadline=None)
@given(stream=streams(), data=st.data())
def test_restoring_between_any_two_messages_changes_no_output(stream: list[Sent], data: st.DataObject) -> None:
    restarts = data.draw(st.sets(st.integers(0, len(stream) - 1)))
    pipeline, outputs = Pipeline(JOURNEY), []
    if data.draw(st.booleans()):
        pipeline.follow.ready()  # else the first restart takes the journey for another, and finds deadlines anew
    log: dict[tuple[int, bytes], bytes | None] = {}
    for number, sent in enumerate(stream):
        if number in restarts:
            pipeline = restarted(pipeline, log)
        outputs += pipeline.receive(sent.value)
    pipeline = restarted(pipeline, log)
    assert per_account(outputs + finish(pipeline)) == per_account(replay(stream))


@settings(max_examples=60, deadline=None)
@given(stream=streams(redelivered=False), data=st.data())
def test_a_redelivered_message_changes_nothing(stream: list[Sent], data: st.DataObject) -> None:
    again = data.draw(st.sets(st.integers(0, len(stream) - 1)))
    twice = [sent for number, sent in enumerate(stream) for _ in range(2 if number in again else 1)]
    assert _verdicts(replay(twice)) == _verdicts(replay(stream))


@settings(max_examples=60, deadline=None)
@given(stream=streams(redelivered=False), again=st.integers(0, 59), later=st.integers(0, 12))
def test_a_message_redelivered_among_later_ones_changes_nothing(stream: list[Sent], again: int, later: int) -> None:
    again = min(again, len(stream) - 1)
    assume(names_an_account(stream[again].call))  # without one it is a dead letter, and later perhaps no longer
    twice = [*stream[: again + later], stream[again], *stream[again + later :]] if later else stream
    assert _verdicts(replay(twice)) == _verdicts(replay(stream))


def names_an_account(call: dict[str, object]) -> bool:
    return bool(call.get("groupId") or call.get("context"))


def _verdicts(outputs: list[Output]) -> list[Output]:
    """A dead letter of a message given twice is there twice."""
    return [output for output in outputs if not isinstance(output, DeadLetter)]


@settings(max_examples=60, deadline=None)
@given(stream=streams())
def test_every_message_ends_as_exactly_one_of_applied_late_duplicate_and_dead_letter(stream: list[Sent]) -> None:
    routed = list[int]()
    pipeline = Pipeline(JOURNEY, watch=lambda event, _: routed.append(event.offset))
    for sent in stream:
        pipeline.receive(sent.value)
    pipeline.advance(END)
    ends = Counter(pipeline._route.dispositions()) + Counter(pipeline.follow.dispositions())
    told_elsewhere = len(routed) - len(set(routed))  # identify calls, in each further account of their user
    assert ends.total() == len(stream) + told_elsewhere
    assert set(ends) <= {"applied", "late", "duplicate", "dead_letter"}


@settings(max_examples=60, deadline=None)
@given(stream=streams())
def test_no_verdict_is_said_twice(stream: list[Sent]) -> None:
    for said in per_account(_verdicts(replay(stream))).values():
        ids = [output.id for output in said if not isinstance(output, DeadLetter) and hasattr(output, "id")]
        assert len(ids) == len(set(ids)) == len(said)
