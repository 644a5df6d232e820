"""Conditions by name, put where they are used: past the reading of a file, nobody sees a name."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from schemas.journey.conditions import Condition


def written_out(conditions: Mapping[str, Condition]) -> dict[str, Condition]:
    """Each named condition without names in it. A name stands for one above it; any other stays, and is a fault."""
    named: dict[str, Condition] = {}
    for name, condition in conditions.items():
        named[name] = put_in_place(condition, named)
    return named


def put_in_place(part: Any, named: Mapping[str, Condition]) -> Any:
    """A part of a journey with what names stand for in their place. What holds no name is the part itself."""
    match part:
        case Condition(named=str() as name):
            return named.get(name, part)
        case BaseModel():
            changed = _changed(dict(part), named)
            return part.model_copy(update=changed) if changed else part
        case dict():
            changed = _changed(part, named)
            return part | changed if changed else part
        case tuple():
            changed = _changed(dict(enumerate(part)), named)
            return tuple(changed.get(place, one) for place, one in enumerate(part)) if changed else part
    return part


def _changed(parts: Mapping[Any, Any], named: Mapping[str, Condition]) -> dict[Any, Any]:
    placed = {key: put_in_place(part, named) for key, part in parts.items()}
    return {key: part for key, part in placed.items() if part is not parts[key]}
