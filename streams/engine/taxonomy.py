"""What the journey demands of an event before it counts: that it is declared and whole, and its traits fit."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache

import msgspec

from schemas.journey import TraitKind
from streams.engine.calls import NULL, Kind
from streams.engine.compiled import Journey, Touch
from streams.engine.event import Event
from streams.engine.objects import Json, parse_object
from streams.engine.outputs import Warned
from streams.engine.rejection import Reason, Rejected
from streams.engine.times import instant_ms
from streams.engine.trait_checks import fault_in

MAX_TEXT = 255
"""The longest text a trait keeps, in characters."""

MAX_NUMBER = 2**53
"""The largest number a trait keeps, of either sign: what is reckoned from it must still fit a record's 64 bits."""

Value = int | float | str | None
Changes = Mapping[int, Value]
"""New values of account traits, by place; None clears one."""

NO_CHANGES: Changes = {}


def check(event: Event, touch: Touch, journey: Journey) -> Changes | Rejected:
    """The traits an event sets, or why the journey does not take it."""
    if not touch.is_declared and journey.rejects_undeclared:
        return Rejected(Reason.UNDECLARED_EVENT, "the journey declares no such event")
    if touch.required and journey.rejects_malformed and (missing := missing_of(event.members, touch.required)):
        return Rejected(Reason.MISSING_PROPERTY, f"without {', '.join(missing)}")
    return _traits(event.members, journey) if event.kind is Kind.GROUP else NO_CHANGES


def warning(event: Event, touch: Touch) -> Warned | None:
    """What is wrong with an event that is kept all the same."""
    if not touch.is_declared:
        return Warned(Reason.UNDECLARED_EVENT)
    return Warned(Reason.MISSING_PROPERTY) if missing_of(event.members, touch.required) else None


def missing_of(raw: msgspec.Raw, required: tuple[str, ...]) -> list[str]:
    """The required properties that are absent or null. The others are passed over unread, however many they are."""
    found = msgspec.structs.astuple(_reader(required)(raw))
    return [name for name, value in zip(required, found, strict=True) if bytes(value) == b"null"]


@cache
def _reader(required: tuple[str, ...]) -> Callable[[msgspec.Raw], msgspec.Struct]:
    """Reads just these members of an object, as they came; of null there are none."""
    places = [f"p{place}" for place in range(len(required))]
    fields = [(place, msgspec.Raw, NULL) for place in places]
    names = dict(zip(places, required, strict=True))
    kind = msgspec.defstruct("Required", fields, rename=names)
    read, nothing = msgspec.json.Decoder(kind | None).decode, kind()
    return lambda raw: read(raw) or nothing


def _traits(raw: msgspec.Raw, journey: Journey) -> Changes | Rejected:
    members = parse_object(raw)
    if isinstance(members, Rejected):
        return members
    changes: dict[int, Value] = {}
    for name, (place, kind) in journey.traits.items():
        if name in members:
            value = _value(members[name], kind)
            if isinstance(value, Rejected):
                return Rejected(value.reason, f"{name} is not a {kind.value}: {value.detail}")
            changes[place] = value
    if journey.checks:
        read = {name: changes[place] for name, (place, _) in journey.traits.items() if place in changes}
        fault = fault_in(journey.checks, members, read)
        if fault is not None:
            return Rejected(Reason.BAD_TRAIT, fault)
    return changes


def _value(value: Json, kind: TraitKind) -> Value | Rejected:
    if value is None:
        return None
    match kind, value:
        case TraitKind.NUMBER, int() | float() if not isinstance(value, bool) and -MAX_NUMBER <= value <= MAX_NUMBER:
            return value
        case TraitKind.TEXT, str() if len(value) <= MAX_TEXT:
            return value
        case TraitKind.DATE, str():
            return _date(value)
    return Rejected(Reason.BAD_TRAIT, f"it is a {type(value).__name__}, or too large")


def _date(text: str) -> int | Rejected:
    """A date is midnight UTC; an instant needs a zone."""
    try:
        at = datetime.fromisoformat(text)
        if len(text) == len("2026-01-31"):
            at = at.replace(tzinfo=UTC)
        if at.tzinfo is None:
            return Rejected(Reason.BAD_TRAIT, "an instant without a zone")
        ms = instant_ms(at.astimezone(UTC))
    except (ValueError, OverflowError):
        return Rejected(Reason.BAD_TRAIT, "neither an RFC 3339 date nor an instant")
    return ms if ms > 0 else Rejected(Reason.BAD_TRAIT, "before 1970")
