"""The law *forgotten*: wherever in a stream the order comes, afterwards the state is that of a world without them."""

from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import TYPE_CHECKING

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.state import Cold, Hot, Outreach, Rare, Tallies
from schemas.state import User as UserState
from streams.engine.account_store import COLD, HEADER, HOT
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.ids import user_digest
from streams.engine.layout import Kind as ColumnKind
from streams.engine.layout import thaw
from streams.engine.message import Message
from streams.engine.pipeline import Pipeline
from streams.engine.suppressions import SUPPRESSION, Forget, Kind
from streams.engine.users import USER
from tests.laws.seeded import life
from tests.laws.streams import END, GAPS_MS, JOURNEY, Sent, per_account, streams
from tests.laws.test_law_batches import follow_cut, follow_whole, with_markers
from tests.laws.test_law_state import restarted

if TYPE_CHECKING:
    from streams.engine.message import Keyed
    from streams.engine.outputs import Output

ANN, ACME = "canary.ann.5e1c", "canary.acme.77d0"
"""They stand in for ann and acme: texts that come about by no chance."""

ORDERS = {kind: Forget(kind, name, 1).encode() for kind, name in ((Kind.USER, ANN), (Kind.ACCOUNT, ACME))}
Log = dict[tuple[int, bytes], bytes | None]


def committed(pipeline: Pipeline, log: Log) -> Log:
    """The changelogs, with what has changed since."""
    partitions: tuple[Keyed, ...] = pipeline._route, pipeline.follow
    for topic, partition in enumerate(partitions):
        log |= {(topic, key): value for key, value in partition.changes()}
    return log


def kept(log: Mapping[tuple[int, bytes], bytes | None]) -> Iterator[bytes]:
    for (_, key), value in log.items():
        if value is not None and key[:1] != SUPPRESSION:
            yield key + value


def named(value: bytes) -> bytes:
    """The message with the user and the account that are forgotten under names that can be searched for."""
    for name, canary in (("u3", ANN), ("ann", ANN), ("acme", ACME)):
        value = value.replace(f'"{name}"'.encode(), f'"{canary}"'.encode())
    return value


def a_life(seed: int, late: float = 0.1) -> list[bytes]:
    """Of a few users, so that each of them does a bit of everything."""
    return [named(value) for value in life(Random(seed), 300, users=6, gaps_ms=GAPS_MS[:5], late=late)]


def trace_left(kind: Kind, log: Log) -> list[bytes]:
    """The records in which the forgotten is still to be found."""
    traces = {Kind.USER: (ANN.encode(), user_digest(ANN)), Kind.ACCOUNT: (ACME.encode(),)}[kind]
    return [one for one in kept(log) if any(trace in one for trace in traces)]


@settings(max_examples=60)
@given(stream=streams(max_size=40), data=st.data(), kind=st.sampled_from(Kind))
def test_nothing_of_the_forgotten_is_in_any_state_from_the_order_on(
    stream: list[Sent], data: st.DataObject, kind: Kind
) -> None:
    messages = [named(sent.value) for sent in stream]
    at = data.draw(st.integers(0, len(messages)))
    commits = data.draw(st.sets(st.integers(0, len(messages))))
    pipeline, log = Pipeline(JOURNEY), Log()
    for number, value in enumerate([*messages[:at], ORDERS[kind], *messages[at:]]):
        pipeline.receive(value)
        if number in {at, len(messages), *commits}:
            left = trace_left(kind, committed(pipeline, log))
            assert number < at or left == []


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", Kind)
def test_nothing_of_them_is_left_of_a_long_life(seed: int, kind: Kind) -> None:
    messages, had_traces = a_life(seed), 0
    for at in range(20, 300, 40):
        pipeline, log = Pipeline(JOURNEY), Log()
        for value in messages[:at]:
            pipeline.receive(value)
        had_traces += bool(trace_left(kind, committed(pipeline, log)))
        pipeline.receive(ORDERS[kind])
        assert trace_left(kind, committed(pipeline, log)) == []
    assert had_traces > 4


@pytest.mark.parametrize("seed", range(8))
def test_restoring_around_orders_changes_no_output(seed: int) -> None:
    random, messages = Random(seed), a_life(seed)
    for order in ORDERS.values():
        messages.insert(random.randrange(len(messages)), order)
    restarts = {random.randrange(len(messages)) for _ in range(40)}
    whole, pipeline, log = Pipeline(JOURNEY), Pipeline(JOURNEY), Log()
    whole.follow.ready()
    pipeline.follow.ready()
    expected: list[Output] = []
    outputs: list[Output] = []
    for number, value in enumerate(messages):
        if number in restarts:
            pipeline = restarted(pipeline, log)
        expected += whole.receive(value)
        outputs += pipeline.receive(value)
    assert per_account(outputs + pipeline.advance(END)) == per_account(expected + whole.advance(END))


@pytest.mark.parametrize("kind", Kind)
def test_wherever_batches_end_around_an_order_the_same_is_said(kind: Kind) -> None:
    random, messages = Random(5), with_markers([sent_of(value) for value in a_life(5)[:75]], 3)
    after_markers = [place + 1 for place, message in enumerate(messages) if message.key is None]
    for at in after_markers:
        with_order = [*messages[:at], Message(None, ORDERS[kind], None, 0), *messages[at:]]
        with_order = [msgspec.structs.replace(one, offset=offset) for offset, one in enumerate(with_order)]
        cuts = sorted((random.randrange(len(messages)), random.randrange(3)) for _ in range(30))
        assert follow_cut(with_order, sorted([*cuts, (at, 3), (at + 1, 3)])) == follow_whole(with_order)


def sent_of(value: bytes) -> Sent:
    event = decode(value)
    assert isinstance(event, Event)
    return Sent(event.at, event.arrived_at, orjson.loads(value))


@pytest.mark.parametrize("seed", range(12))
def test_of_all_that_is_kept_by_user_the_state_is_that_of_a_world_without_the_forgotten(seed: int) -> None:
    messages = a_life(seed, late=0)
    at = Random(seed).randrange(300)
    until = max(sent_of(value).arrived_at for value in messages)
    with_ann = lived([*messages[:at], ORDERS[Kind.USER], *messages[at:]], until)
    without = lived([value for value in messages if f'"userId":"{ANN}"'.encode() not in value], until)
    assert users(with_ann) == users(without)
    assert people(with_ann) == people(without)


def lived(messages: Iterable[bytes], until: int) -> Log:
    pipeline, log = Pipeline(JOURNEY), Log()
    for value in messages:
        pipeline.receive(value)
    pipeline.advance(until)
    return committed(pipeline, log)


def users(log: Log) -> dict[bytes, object]:
    """What is known of each user: the memberships."""
    states = {key[1:]: value for (topic, key), value in log.items() if topic == 0 and key[:1] == USER and value}
    return {name: msgspec.msgpack.decode(packed, type=UserState).memberships for name, packed in states.items()}


def people(log: Log) -> dict[bytes, object]:
    """What accounts keep by user: who did something on which day, is a persona, visited, and when to contact whom."""
    hots = {key[1:]: value[HEADER.size :] for (topic, key), value in log.items() if topic and key[:1] == HOT and value}
    found = {name: _people(hot, log.get((1, COLD + name)) or b"") for name, hot in hots.items()}
    return {name: one for name, one in found.items() if any(one)}


def _people(packed: bytes, cold_packed: bytes) -> tuple[object, ...]:
    hot, bitmaps = msgspec.msgpack.decode(packed, type=Hot), JOURNEY.layout.bitmaps
    cold = msgspec.msgpack.decode(cold_packed, type=Cold) if cold_packed else Cold()
    days = msgspec.msgpack.decode(cold.days, type=dict[int, list[int | bytes]]) | hot.open
    columns = [place for place in bitmaps if JOURNEY.layout.columns[place].kind is ColumnKind.USERS]
    cells = {(day, place): thaw(row, bitmaps)[place] for day, row in days.items() for place in columns}
    personas = {place: int.from_bytes(bitmap, "little") for place, bitmap in enumerate(cold.personas)}
    rare = msgspec.msgpack.decode(hot.rare, type=Rare)
    visits = msgspec.msgpack.decode(hot.tallies, type=Tallies).visits
    return (
        {place: _named(bitmap, cold.users) for place, bitmap in cells.items() if bitmap},
        {place: _named(bitmap, cold.users) for place, bitmap in personas.items() if bitmap},
        {(place, day): seen for place, of_days in visits.items() for day, seen in of_days.items() if seen},
        msgspec.msgpack.decode(rare.outreach, type=Outreach).people,
    )


def _named(bitmap: int, digests: bytes) -> set[bytes]:
    return {digests[slot * 8 : slot * 8 + 8] for slot in range(bitmap.bit_length()) if bitmap >> slot & 1}
