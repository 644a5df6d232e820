"""The laws *partition* and *batch*: neither other accounts nor the cutting of batches shows in what is said of one."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.engine.accounts import FollowPartition
from streams.engine.clock import Progress
from streams.engine.compiled import Journey
from streams.engine.message import Message
from streams.engine.outputs import Output
from streams.engine.pipeline import Pipeline
from tests.driver import START
from tests.laws.seeded import life
from tests.laws.streams import END, JOURNEY, Sent, account_messages, per_account, streams

TOUCHES = JOURNEY.touches
LAST_WORD = Progress(1, {0: (END, False)})


def said_of_each(partition: FollowPartition, outputs: list[Output]) -> dict[str, list[Output]]:
    """What was said by the end of time, account by account."""
    partition.hear(LAST_WORD)
    while partition.is_due:
        outputs += partition.advance(1_000)
    return per_account(outputs)


def follow_whole(messages: list[Message]) -> dict[str, list[Output]]:
    partition = FollowPartition(JOURNEY)
    return said_of_each(partition, list(partition.receive(messages)))


def follow_each(messages: list[Message]) -> dict[str, list[Output]]:
    """With a tick after every message."""
    partition, outputs = FollowPartition(JOURNEY), list[Output]()
    for message in messages:
        outputs += partition.receive([message])
        while partition.is_due:
            outputs += partition.advance(1)
    return said_of_each(partition, outputs)


def follow_cut(messages: list[Message], cuts: list[tuple[int, int]]) -> dict[str, list[Output]]:
    """In batches that end where the cuts say, with a tick of so many accounts behind each."""
    partition, outputs, start = FollowPartition(JOURNEY), list[Output](), 0
    for end, limit in cuts:
        outputs += partition.receive(messages[start:end])
        start = max(start, end)
        if limit and partition.is_due:
            outputs += partition.advance(limit)
    outputs += partition.receive(messages[start:])
    return said_of_each(partition, outputs)


@settings(max_examples=60, deadline=None)
@given(stream=streams(redelivered=False), every=st.integers(1, 5))
def test_interleaving_accounts_changes_nothing_for_any_of_them(stream: list[Sent], every: int) -> None:
    messages = with_markers(stream, every)
    together = follow_each(messages)
    for key in {message.key for message in messages} - {None}:
        alone = follow_each([message for message in messages if message.key in {key, None}])
        assert key is not None
        assert alone.get(key.decode(), []) == together.get(key.decode(), [])


@st.composite
def cut_batches(draw: st.DrawFn) -> tuple[list[Message], list[tuple[int, int]]]:
    """A stream with progress markers in it, as `route` writes them, and where batches end with how long a tick each."""
    stream = draw(streams(redelivered=False))
    # Receivers do not agree about the time: arrivals are not in order on the wire.
    shuffled = draw(st.permutations(range(len(stream)))) if draw(st.booleans()) else range(len(stream))
    messages = with_markers([stream[place] for place in shuffled], draw(st.integers(1, 5)))
    cuts = draw(st.lists(st.tuples(st.integers(0, len(messages)), st.integers(0, 3)), max_size=20))
    return messages, sorted(cuts)


def with_markers(stream: list[Sent], every: int) -> list[Message]:
    """The records of one partition: account events, and markers that say how far the source had come."""
    clock, values = START, list[tuple[bytes | None, bytes | None]]()
    for number, message in enumerate(account_messages(stream)):
        clock = max(clock, stream[number].arrived_at) if number < len(stream) else clock
        values.append((message.key, message.value))
        if number % every == 0:
            values.append((None, Progress(1, {0: (clock, False)}).encode()))
    return [Message(key, value, None, offset) for offset, (key, value) in enumerate(values)]


@settings(max_examples=100, deadline=None)
@given(cut=cut_batches())
def test_any_cutting_into_batches_with_ticks_between_gives_the_same_outputs(
    cut: tuple[list[Message], list[tuple[int, int]]],
) -> None:
    assert follow_cut(*cut) == follow_whole(cut[0])


@settings(max_examples=40, deadline=None)
@given(stream=streams(redelivered=False), keeps_live=st.integers(1, 3))
def test_accounts_that_are_kept_live_between_batches_say_what_packed_ones_say(
    stream: list[Sent], keeps_live: int
) -> None:
    partition, outputs = FollowPartition(JOURNEY, keeps_live=keeps_live), list[Output]()
    for message in with_markers(stream, 3):
        outputs += partition.receive([message])
    assert said_of_each(partition, outputs) == follow_whole(with_markers(stream, 3))


@pytest.mark.parametrize("seed", range(6))
def test_what_an_event_leaves_unexamined_would_have_changed_nothing(seed: int) -> None:
    thorough = {name: replace(touch, wakes=touch.wakes[-1:] * len(touch.wakes)) for name, touch in TOUCHES.items()}
    lives = list(life(Random(seed), 400))
    assert said_of_lives(JOURNEY, lives) == said_of_lives(replace(JOURNEY, touches=thorough), lives)


def said_of_lives(journey: Journey, lives: list[bytes]) -> list[Output]:
    pipeline = Pipeline(journey)
    return [output for value in lives for output in pipeline.receive(value)] + pipeline.advance(END)
