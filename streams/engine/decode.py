"""First on the path: any bytes become an `Event`, or `Rejected` with a stable reason; never an exception."""

from typing import Final, assert_never

import msgspec

from schemas.spans import MINUTE_MS
from streams.engine.calls import NULL, Alias, AnyCall, Group, Identify, Kind, Page, PlainCall, PlainTrack, Screen, Track
from streams.engine.diagnosis import MAX_DEPTH, controls_in, is_too_deep, why_unshaped
from streams.engine.event import Event
from streams.engine.rejection import Reason, Rejected
from streams.engine.times import LAST_ARRIVAL_AT, LAST_AT, instant_ms, rfc3339

MAX_BYTES: Final = 256 * 1024
CLOCK_AHEAD_MS: Final = 10 * MINUTE_MS
"""How far an event may happen after it arrived before its clock is called wrong."""

_STAMP: Final = b'"receivedAt":"%s"}'
_STAMP_BYTES: Final = len(_STAMP % rfc3339(0).encode())  # a comma comes in where the brace goes out
_SPACE: Final = b" \t\r\n"
_OBJECT_OR_NULL: Final = b"{n"  # how either begins, in valid JSON
_BRACE: Final = ord("{")
_BRACKET: Final = ord("[")
_BACKSLASH: Final = ord("\\")
_DELETE: Final = 0x7F
_call_of: Final = msgspec.json.Decoder(AnyCall).decode
_plain_call_of: Final = msgspec.json.Decoder(PlainCall).decode


def decode(value: bytes | None, recorded_at: int | None = None, latest: int = 0) -> Event | Rejected:
    """Read one Segment-spec message.

    It arrived at its `receivedAt`, else at `recorded_at`, the Kafka record's own time. A replay without
    records gives None and `latest`, the largest event time so far (0: none yet), which then stands in.
    """
    # Controls are either escaped in ASCII, or DEL, or beyond ASCII: most messages have none and need no second look.
    if value and value.isascii() and _BACKSLASH not in value and _DELETE not in value and len(value) <= MAX_BYTES:
        event = _plain(value, recorded_at)
        if event is not None:
            return event
    return _decode(value, recorded_at, latest)


def _plain(value: bytes, recorded_at: int | None) -> Event | None:
    """The event in a message such as nearly all are; None leaves it to be looked at more closely."""
    if value.count(_BRACE) + (_BRACKET in value and value.count(_BRACKET)) > MAX_DEPTH:
        return None
    try:
        call = _plain_call_of(value)
    except msgspec.DecodeError:
        return None
    if type(call) is not PlainTrack:
        return None
    at, arrived_at = instant_ms(call.timestamp), instant_ms(call.received_at)
    if not CLOCK_AHEAD_MS <= arrived_at <= (LAST_ARRIVAL_AT if recorded_at is None else recorded_at + CLOCK_AHEAD_MS):
        return None
    members, context = call.properties, call.context
    if not 0 <= at <= arrived_at + CLOCK_AHEAD_MS or bytes(members)[0] not in _OBJECT_OR_NULL:
        return None
    group_id = None if context is None else context.group_id or None
    return Event(call.event, call.user_id, call.message_id, at, arrived_at, False, group_id, members, call)  # noqa: FBT003 by position, as fast as it goes


def _decode(value: bytes | None, recorded_at: int | None, latest: int) -> Event | Rejected:
    if not value or len(value) > MAX_BYTES:
        return _unfit(value)
    if value.count(_BRACE) + value.count(_BRACKET) > MAX_DEPTH and is_too_deep(value):
        return Rejected(Reason.TOO_DEEP, f"more than {MAX_DEPTH} deep")
    is_plain = value.isascii() and _BACKSLASH not in value and _DELETE not in value
    try:
        if not is_plain:
            value.decode()
        call = _call_of(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return why_unshaped(value, error)
    if not is_plain and (rejected := controls_in(call)):
        return rejected
    return _event(call, value, recorded_at, latest)


def _unfit(value: bytes | None) -> Rejected:
    if not value:
        return Rejected(Reason.EMPTY, "no value" if value is None else "no bytes")
    return Rejected(Reason.TOO_LARGE, f"{len(value)} bytes; at most {MAX_BYTES} are read")


def _event(call: AnyCall, value: bytes, recorded_at: int | None, latest: int) -> Event | Rejected:
    if type(call) is Track:  # nearly every message is one
        name, members = call.event, call.properties
    else:
        name, members = _said(call)
    user = call.user_id or call.anonymous_id
    if not call.message_id or not user or not name:
        return _lacking(call, user)
    if members is not NULL and bytes(members)[0] not in _OBJECT_OR_NULL:
        return _misshapen(call)
    timestamp, received_at = call.timestamp, call.received_at
    happened_at = None if timestamp is None else instant_ms(timestamp)
    arrived_at = None if received_at is None else instant_ms(received_at)
    if arrived_at is None or not 0 <= arrived_at <= (
        LAST_ARRIVAL_AT if recorded_at is None else recorded_at + CLOCK_AHEAD_MS
    ):
        stood_in = _arrival(value, arrived_at, happened_at, recorded_at, latest)
        if isinstance(stood_in, Rejected):
            return stood_in
        arrived_at = stood_in
    at = arrived_at if happened_at is None else happened_at
    if not 0 <= at <= LAST_AT:
        return Rejected(Reason.TIMESTAMP_OUT_OF_RANGE, "timestamp is outside the years 1970 to 9999")
    clamped = at > arrived_at + CLOCK_AHEAD_MS
    context = call.context
    group_id = call.group_id if type(call) is Group else context and context.group_id
    return Event(
        name,
        user,
        call.message_id,
        arrived_at if clamped else at,
        arrived_at,
        clamped,
        group_id or None,
        members,
        call,
    )


def _arrival(
    value: bytes, arrived_at: int | None, happened_at: int | None, recorded_at: int | None, latest: int
) -> int | Rejected:
    """When it arrived, where `receivedAt` does not say so, or says what cannot be."""
    if arrived_at is not None:
        if not 0 <= arrived_at <= LAST_AT or recorded_at is None:
            return Rejected(Reason.BAD_RECEIVED_AT, "receivedAt is outside the years 1970 to 9999, 2099 in a replay")
        ahead_s = (arrived_at - recorded_at) // 1_000
        return Rejected(Reason.RECEIVED_IN_FUTURE, f"receivedAt is {ahead_s} s ahead of the record")
    if len(value) > MAX_BYTES - _STAMP_BYTES:
        return Rejected(Reason.TOO_LARGE, f"{len(value)} bytes leave no room for receivedAt in {MAX_BYTES}")
    if recorded_at is not None:
        return recorded_at
    if happened_at is None or happened_at > LAST_ARRIVAL_AT:
        return latest or Rejected(Reason.MISSING_TIMESTAMP, "neither receivedAt nor a timestamp until 2099 is given")
    return max(latest, happened_at)


def _said(call: AnyCall) -> tuple[str | None, msgspec.Raw]:
    """The name of an event, and its properties or traits. No name: it lacks what it must say."""
    match call:
        case Track():
            return call.event, call.properties
        case Identify():
            return "$identify", call.traits
        case Group():
            return call.group_id and "$group", call.traits
        case Page():
            return "$page", call.properties
        case Screen():
            return "$screen", call.properties
        case Alias():
            return call.previous_id and "$alias", NULL
        case _:
            assert_never(call)


_LACKS: Final = {
    Kind.TRACK: (Reason.MISSING_EVENT_NAME, "a track call names its event"),
    Kind.GROUP: (Reason.MISSING_GROUP_ID, "a group call names its groupId"),
    Kind.ALIAS: (Reason.MISSING_PREVIOUS_ID, "an alias call names its previousId"),
}


def _lacking(call: AnyCall, user: str | None) -> Rejected:
    if not call.message_id:
        return Rejected(Reason.MISSING_MESSAGE_ID, "without messageId a redelivery cannot be told")
    if not user:
        return Rejected(Reason.MISSING_USER, "userId or anonymousId is needed")
    return Rejected(*_LACKS[call.kind])


def _misshapen(call: AnyCall) -> Rejected:
    if isinstance(call, Identify | Group):
        return Rejected(Reason.BAD_TRAITS, "traits is neither an object nor null")
    return Rejected(Reason.BAD_PROPERTIES, "properties is neither an object nor null")


def with_received_at(value: bytes, arrived_at: int) -> bytes:
    """The same message with its arrival written as `receivedAt`, for one that decoded and has none (or null).

    The member is put last, and wherever a member is given twice the last one counts.
    """
    members = value.rstrip(_SPACE)[:-1].rstrip(_SPACE)
    comma = b"" if members.endswith(b"{") else b","
    return members + comma + _STAMP % rfc3339(arrived_at).encode()
