"""The law *total*: any bytes become an event or a named rejection, never an exception."""

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.engine.decode import decode, with_received_at
from streams.engine.event import Event
from streams.engine.objects import parse_object
from streams.engine.rejection import Rejected
from streams.engine.times import LAST_AT
from tests.hostile import CORPUS, RECORDED_AT, message

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=8,
)
MEMBERS = st.dictionaries(
    st.sampled_from(["type", "messageId", "userId", "timestamp", "receivedAt", "context", "properties", "traits"]),
    JSON,
    max_size=3,
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A record of the corpus, or a good message with strange members, with some of its bytes replaced."""
    sound = st.sampled_from([hostile.value or b"" for hostile in CORPUS if len(hostile.value or b"") < 2_000])
    value = bytearray(draw(st.one_of(sound, MEMBERS.map(lambda members: message(**members)))))
    at, length = draw(st.integers(0, len(value))), draw(st.integers(0, 3))
    value[at : at + length] = draw(st.binary(max_size=4))
    return bytes(value)


@settings(max_examples=500, deadline=None)
@given(
    value=st.one_of(st.none(), st.binary(), damaged(), JSON.map(orjson.dumps)),
    recorded_at=st.one_of(st.none(), st.integers(0, LAST_AT)),
    latest=st.integers(0, LAST_AT),
)
@example(value=b"[" * 1_000 + b"]" * 1_000, recorded_at=None, latest=0)
def test_any_bytes_become_an_event_or_a_named_rejection(
    value: bytes | None, recorded_at: int | None, latest: int
) -> None:
    decoded = decode(value, recorded_at=recorded_at, latest=latest)
    if isinstance(decoded, Rejected):
        assert decoded.detail
        return
    assert value is not None
    assert 0 <= decoded.at <= LAST_AT
    assert isinstance(parse_object(decoded.members), dict | Rejected)


@settings(max_examples=300, deadline=None)
@given(value=damaged())
def test_what_decodes_still_decodes_to_the_same_once_its_arrival_is_written_in(value: bytes) -> None:
    event = decode(value, recorded_at=RECORDED_AT)
    if isinstance(event, Event):
        again = decode(with_received_at(value, event.arrived_at), recorded_at=RECORDED_AT)
        assert isinstance(again, Event)
        assert (again.at, again.arrived_at, again.user) == (event.at, event.arrived_at, event.user)


def test_the_verdict_does_not_depend_on_how_deep_the_caller_stands() -> None:
    def from_below(levels: int) -> list[object]:
        return from_below(levels - 1) if levels else [decode(h.value, recorded_at=RECORDED_AT) for h in CORPUS]

    def reasons(decoded: list[object]) -> list[object]:
        return [one.reason if isinstance(one, Rejected) else None for one in decoded]

    assert reasons(from_below(700)) == reasons(from_below(0))
