"""First on the path: any bytes become an `Event`, or `Rejected` with a stable reason; never an exception."""

from typing import Final, assert_never

import msgspec

from schemas.spans import MINUTE_MS
from streams.engine.calls import Alias, AnyCall, Call, Group, Identify, Kind, Page, Screen, Track
from streams.engine.diagnosis import MAX_DEPTH, controls_in, is_too_deep, why_unshaped
from streams.engine.rejection import Reason, Rejected
from streams.engine.times import LAST_AT, instant_ms, rfc3339

MAX_BYTES: Final = 256 * 1024
CLOCK_AHEAD_MS: Final = 10 * MINUTE_MS
"""How far an event may happen after it arrived before its clock is called wrong."""

_STAMP: Final = b'"receivedAt":"%s"}'
_STAMP_BYTES: Final = len(_STAMP % rfc3339(0).encode())  # a comma comes in where the brace goes out
_SPACE: Final = b" \t\r\n"
_BRACE: Final = ord("{")
_BRACKET: Final = ord("[")
_BACKSLASH: Final = ord("\\")
_DELETE: Final = 0x7F
_call_of: Final = msgspec.json.Decoder(AnyCall).decode


class Event(msgspec.Struct, frozen=True, gc=False):
    """What a user did in the product. Instants are UTC ms; ids and names are never empty, absent is None."""

    kind: Kind
    name: str
    """The event of a track call; the others are $identify, $group, $page, $screen, $alias."""
    user: str
    """userId, else anonymousId."""
    message_id: str
    at: int
    """When it happened."""
    arrived_at: int
    clamped: bool
    """It claimed to happen more than CLOCK_AHEAD_MS after it arrived, so `at` is its arrival."""
    user_id: str | None = None
    anonymous_id: str | None = None
    group_id: str | None = None
    """The account, as the event itself names it: groupId of a group call, else context.groupId."""
    previous_id: str | None = None
    page_name: str | None = None
    properties: msgspec.Raw | None = None
    traits: msgspec.Raw | None = None


def decode(value: bytes | None, *, recorded_at: int | None = None, latest: int = 0) -> Event | Rejected:
    """Read one Segment-spec message.

    It arrived at its `receivedAt`, else at `recorded_at`, the Kafka record's own time. A replay without
    records gives None and `latest`, the largest event time so far (0: none yet), which then stands in.
    """
    if not value or len(value) > MAX_BYTES:
        return _unfit(value)
    # Controls are either escaped in ASCII, or DEL, or beyond ASCII: most messages need no second look.
    is_plain = value.isascii() and _BACKSLASH not in value and _DELETE not in value
    if value.count(b"{") + (_BRACKET in value and value.count(b"[")) > MAX_DEPTH and is_too_deep(value):
        return Rejected(Reason.TOO_DEEP, f"more than {MAX_DEPTH} deep")
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
    name, group_id, previous_id, page_name, properties, traits = _said(call)
    user = call.user_id or call.anonymous_id
    if not call.message_id or not user or not name:
        return _lacking(call, user)
    if (given := properties or traits) is not None and bytes(given)[0] != _BRACE:
        if bytes(given) != b"null":
            return _misshapen(properties)
        properties = traits = None
    happened_at = None if call.timestamp is None else instant_ms(call.timestamp)
    arrived_at = _arrival(call, value, happened_at, recorded_at, latest)
    if isinstance(arrived_at, Rejected):
        return arrived_at
    at = arrived_at if happened_at is None else happened_at
    clamped = at > arrived_at + CLOCK_AHEAD_MS
    return Event(
        call.kind,
        name,
        user,
        call.message_id,
        arrived_at if clamped else at,
        arrived_at,
        clamped,
        call.user_id or None,
        call.anonymous_id or None,
        group_id or None,
        previous_id,
        page_name or None,
        properties,
        traits,
    )


def _arrival(call: Call, value: bytes, happened_at: int | None, recorded_at: int | None, latest: int) -> int | Rejected:
    """When it arrived; and both instants are looked at here, since one stands in for the other."""
    if happened_at is not None and not 0 <= happened_at <= LAST_AT:
        return Rejected(Reason.TIMESTAMP_OUT_OF_RANGE, "timestamp is outside the years 1970 to 9999")
    if call.received_at is None:
        return _arrival_unsaid(value, happened_at, recorded_at, latest)
    arrived_at = instant_ms(call.received_at)
    if not 0 <= arrived_at <= LAST_AT:
        return Rejected(Reason.BAD_RECEIVED_AT, "receivedAt is outside the years 1970 to 9999")
    if recorded_at is not None and arrived_at > recorded_at + CLOCK_AHEAD_MS:
        ahead_s = (arrived_at - recorded_at) // 1_000
        return Rejected(Reason.RECEIVED_IN_FUTURE, f"receivedAt is {ahead_s} s ahead of the record")
    return arrived_at


def _arrival_unsaid(value: bytes, happened_at: int | None, recorded_at: int | None, latest: int) -> int | Rejected:
    if len(value) > MAX_BYTES - _STAMP_BYTES:
        return Rejected(Reason.TOO_LARGE, f"{len(value)} bytes leave no room for receivedAt in {MAX_BYTES}")
    if recorded_at is not None:
        return recorded_at
    if happened_at is None and not latest:
        return Rejected(Reason.MISSING_TIMESTAMP, "neither timestamp nor receivedAt is given")
    return max(latest, happened_at or 0)


_Said = tuple[str | None, str | None, str | None, str | None, msgspec.Raw | None, msgspec.Raw | None]


def _said(call: AnyCall) -> _Said:
    """Name, group id, previous id, page name, properties, traits. No name: it lacks what it must say."""
    group_id = call.context.group_id if call.context else None
    match call:
        case Track():
            return call.event, group_id, None, None, call.properties, None
        case Identify():
            return "$identify", group_id, None, None, None, call.traits
        case Group():
            return call.group_id and "$group", call.group_id, None, None, None, call.traits
        case Page():
            return "$page", group_id, None, call.name, call.properties, None
        case Screen():
            return "$screen", group_id, None, call.name, call.properties, None
        case Alias():
            return call.previous_id and "$alias", group_id, call.previous_id, None, None, None
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


def _misshapen(properties: msgspec.Raw | None) -> Rejected:
    if properties is None:
        return Rejected(Reason.BAD_TRAITS, "traits is neither an object nor null")
    return Rejected(Reason.BAD_PROPERTIES, "properties is neither an object nor null")


def with_received_at(value: bytes, arrived_at: int) -> bytes:
    """The same message with its arrival written as `receivedAt`, for one that decoded and has none (or null).

    The member is put last, and wherever a member is given twice the last one counts.
    """
    members = value.rstrip(_SPACE)[:-1].rstrip(_SPACE)
    comma = b"" if members.endswith(b"{") else b","
    return members + comma + _STAMP % rfc3339(arrived_at).encode()
