"""What the parts of a journey file are written in: spans, windows, names, numbers, events.

Spans are written as one number and one unit ("90s", "15m", "6h", "7d", "4w") and held as milliseconds. A window is
made of whole UTC days. Every model refuses keys it does not know, so no key is ever accepted without effect.
"""

from collections import Counter
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from schemas.spans import DAY_MS, format_span, parse_span

MAX_WINDOW_DAYS = 182
"""How far back a window may reach: the bound of the days an account keeps."""

MAX_NAMES = 500
"""How many entries one section of the file may declare."""


def _span(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a span; write a number and a unit, as in '7d'")
    return parse_span(value)


Span = Annotated[
    int,
    BeforeValidator(_span),
    PlainSerializer(format_span, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]*[smhdw]$", "examples": ["7d"]}),
]
"""A span in milliseconds, read and dumped to JSON as it is written: '7d'."""


def _whole_days(value: int) -> int:
    if value % DAY_MS or not DAY_MS <= value <= MAX_WINDOW_DAYS * DAY_MS:
        raise ValueError(
            f"a window is whole days, at most {MAX_WINDOW_DAYS}; '{format_span(value)}' is not: write '7d'"
        )
    return value


def as_list(value: object) -> object:
    """One name stands for a list of one."""
    return [value] if isinstance(value, str) else value


def each_once(value: tuple[str, ...]) -> tuple[str, ...]:
    """ValueError if a text stands twice in a list."""
    if twice := [text for text, times in Counter(value).items() if times > 1]:
        raise ValueError(f"{twice[0]!r} stands here twice; once is enough")
    return value


Window = Annotated[Span, AfterValidator(_whole_days)]
"""A trailing window in milliseconds: whole UTC days, the current one included."""


def not_a_flag(value: object) -> object:
    """Refuse what Python, not JSON, takes for a number."""
    if isinstance(value, bool):
        raise ValueError(f"must be a number, not {str(value).lower()}")
    return value


Number = Annotated[float, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
"""As JSON has them: 'yes', '3' and 1 for true are refused rather than guessed at."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Names = Name | Annotated[tuple[Name, ...], Field(min_length=1)]
"""How a file may write names: the one, or a list."""

EventName = Annotated[str, Field(min_length=1, max_length=255)]
EventList = Annotated[tuple[EventName, ...], Field(min_length=1, max_length=100)]
Events = Annotated[EventList, BeforeValidator(as_list, json_schema_input_type=EventName | EventList)]
"""One event name, a list of them, or `any`: every event that comes from the product."""

ANY = "any"


class Strict(BaseModel):
    """A part of our own file: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, serialize_by_alias=True)


def exactly_one(model: BaseModel, *names: str) -> None:
    """Refuse a part with none or several of these keys."""
    given = [name for name in names if getattr(model, name) is not None]
    if len(given) != 1:
        keys = [_key(model, name) for name in names]
        found = ", ".join(_key(model, name) for name in given) or "none"
        raise ValueError(f"give exactly one of {', '.join(keys)}; found {found}")


def _key(model: BaseModel, name: str) -> str:
    return type(model).model_fields[name].alias or name
