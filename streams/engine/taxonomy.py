"""What the journey demands of an event before it counts: that it is declared and whole, and its traits fit."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from schemas.journey import TraitKind
from streams.engine.calls import Kind
from streams.engine.compiled import Journey, Touch
from streams.engine.decode import Event
from streams.engine.objects import Json, parse_object
from streams.engine.rejection import Reason, Rejected
from streams.engine.times import instant_ms

MAX_TEXT = 255
"""The longest text a trait keeps, in characters."""

Value = int | float | str | None
Changes = Mapping[int, Value]
"""New values of account traits, by place; None clears one."""

NO_CHANGES: Changes = {}


def check(event: Event, touch: Touch, journey: Journey) -> Changes | Rejected:
    """The traits an event sets, or why the journey does not take it."""
    if not touch.is_declared and journey.rejects_undeclared:
        return Rejected(Reason.UNDECLARED_EVENT, "the journey declares no such event")
    if touch.required and journey.rejects_malformed:
        missing = _missing(event.members, touch.required)
        if missing is not None:
            return missing
    return _traits(event.members, journey) if event.kind is Kind.GROUP else NO_CHANGES


def _missing(raw: msgspec.Raw, required: tuple[str, ...]) -> Rejected | None:
    properties = parse_object(raw)
    if isinstance(properties, Rejected):
        return properties
    missing = [name for name in required if properties.get(name) is None]
    return Rejected(Reason.MISSING_PROPERTY, f"without {', '.join(missing)}") if missing else None


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
    return changes


def _value(value: Json, kind: TraitKind) -> Value | Rejected:
    if value is None:
        return None
    match kind, value:
        case TraitKind.NUMBER, int() | float() if not isinstance(value, bool):
            return value
        case TraitKind.TEXT, str() if len(value) <= MAX_TEXT:
            return value
        case TraitKind.DATE, str():
            return _date(value)
    return Rejected(Reason.BAD_TRAIT, f"it is a {type(value).__name__}, or too long")


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
