"""The published model of events in, and the engine's own reader, accept and refuse the same messages."""

from typing import Any, Final

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.events import SegmentMessage, Track
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.rejection import Reason, Rejected
from tests.hostile import CORPUS, RECORDED_AT, Hostile, message

BEYOND_A_MODEL: Final = {
    Reason.TOO_LARGE: "a model sees members, not bytes",
    Reason.TOO_DEEP: "a model does not count the levels of free-form values",
    Reason.RECEIVED_IN_FUTURE: "a model does not see the record around the message",
    Reason.MISSING_TIMESTAMP: "only a replay has no other arrival to fall back on",
    Reason.BAD_MEMBER: "pydantic looks only at the last of two members of one name, msgspec at both",
}
"""Reasons for which decoding refuses what the model accepts, and why it must."""

OTHER_PARSER: Final = {
    "NaN": "pydantic's parser takes NaN for a number; RFC 8259 does not",
    "Infinity": "pydantic's parser takes Infinity for a number; RFC 8259 does not",
    "an integer of a hundred thousand digits": "pydantic's parser turns it away at once, decoding once it is looked at",
}
"""Records of the corpus on which the JSON parsers themselves differ, and how."""


def model_accepts(value: bytes) -> bool:
    try:
        SegmentMessage.model_validate_json(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.label)
def test_model_and_decode_agree_on_the_hostile_corpus(hostile: Hostile) -> None:
    decoded = decode(hostile.value, recorded_at=RECORDED_AT)
    if isinstance(decoded, Rejected) and decoded.reason in BEYOND_A_MODEL:
        return
    differs = model_accepts(hostile.value or b"") != isinstance(decoded, Event)
    assert differs == (hostile.label in OTHER_PARSER)


TEXTS: Final = st.one_of(
    st.none(),
    st.text(max_size=4),
    st.sampled_from(["", "a", "\x00", "\x7f", "\x85", "é" * 255, "é" * 256, "\u200d", "\U0001f600"]),
    st.integers(-(2**63), 2**63),
    st.booleans(),
    st.just([]),
)
INSTANTS: Final = st.one_of(
    st.none(),
    st.datetimes().map(lambda at: at.isoformat() + "Z"),
    st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9][Tt _][0-9:]{5,8}([.,][0-9]{1,10})?([Zz]|[+-][0-9]{2}:?[0-9]{2})?"),
    st.integers(-(2**63), 2**63),
    st.text(max_size=3),
)
OBJECTS: Final = st.one_of(
    st.none(),
    st.dictionaries(st.text(max_size=3), st.one_of(st.none(), st.floats(allow_nan=False), st.text(max_size=3))),
    st.lists(st.booleans(), max_size=2),
    st.integers(-(2**63), 2**63),
    st.text(max_size=2),
)
CALLS: Final = st.one_of(
    st.sampled_from(["track", "identify", "group", "page", "screen", "alias"]), st.sampled_from([None, "Track", 1])
)
MESSAGES: Final = st.fixed_dictionaries(
    {},
    optional={
        "type": CALLS,
        "messageId": TEXTS,
        "userId": TEXTS,
        "anonymousId": TEXTS,
        "event": TEXTS,
        "name": TEXTS,
        "groupId": TEXTS,
        "previousId": TEXTS,
        "timestamp": INSTANTS,
        "receivedAt": INSTANTS,
        "sentAt": INSTANTS,
        "context": st.one_of(OBJECTS, st.fixed_dictionaries({"groupId": TEXTS})),
        "properties": OBJECTS,
        "traits": OBJECTS,
        "category": TEXTS,
    },
)


@settings(max_examples=400, deadline=None)
@given(changes=MESSAGES, keep=st.sets(st.sampled_from(["messageId", "userId", "event", "timestamp"])))
def test_model_and_decode_agree_on_messages_made_at_random(changes: dict[str, Any], keep: set[str]) -> None:
    value = message(**{name: said for name, said in changes.items() if name not in keep})
    decoded = decode(value, recorded_at=RECORDED_AT)
    if isinstance(decoded, Rejected) and decoded.reason in BEYOND_A_MODEL:
        return
    assert model_accepts(value) == isinstance(decoded, Event), decoded


def test_the_model_reads_what_decoding_reads() -> None:
    read = SegmentMessage.model_validate_json(message()).root
    event = decode(message(), recorded_at=RECORDED_AT)
    assert isinstance(read, Track)
    assert isinstance(event, Event)
    assert (read.event, read.user_id, read.message_id) == (event.name, event.user, event.message_id)
    assert read.context is not None
    assert read.context.group_id == event.group_id


def test_members_unknown_to_us_are_ignored() -> None:
    assert model_accepts(message(integrations={"All": True}, channel="server", version=2, writeKey=None))


def test_what_the_model_accepts_can_be_written_out_as_it_came() -> None:
    read = SegmentMessage.model_validate_json(message()).root
    assert orjson.loads(read.model_dump_json(by_alias=True, exclude_unset=True)) == orjson.loads(message())
