"""The laws *partition* and *batch*: neither other accounts nor the cutting of batches shows in what is said of one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.engine.accounts import FollowPartition
from streams.engine.clock import Progress
from streams.engine.message import Message
from streams.engine.outputs import Output
from tests.driver import START
from tests.laws.streams import END, JOURNEY, Sent, account_messages, per_account, streams

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
    messages, cuts = cut
    partition, outputs, start = FollowPartition(JOURNEY), list[Output](), 0
    for end, limit in cuts:
        outputs += partition.receive(messages[start:end])
        start = max(start, end)
        if limit and partition.is_due:
            outputs += partition.advance(limit)
    outputs += partition.receive(messages[start:])
    assert said_of_each(partition, outputs) == follow_whole(messages)
