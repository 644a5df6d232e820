"""Tests written in words: `mau at least 3` is short for `{name: mau, at_least: 3}`, `ends_at within 60d` for a date."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import Field

from schemas.faults import shown

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?")

BOUND = Annotated[str, Field(pattern=r"^\S+ (at least|below) \S+$", examples=["mau at least 3"])]
DATE = Annotated[str, Field(pattern=r"^\S+ (within|past) \S+$", examples=["trial_ends_at within 3d"])]
TRAIT = Annotated[str, Field(pattern=r"^\S+ (is|at least|below) .+$", examples=["plan is free"])]


def _number(text: str) -> object:
    return float(text) if _NUMBER.fullmatch(text) else text  # what is none is refused where one is wanted


_TESTS: Final[dict[str, Callable[[str], object]]] = {
    "at least": _number,
    "below": _number,
    "within": str,
    "past": str,
    "is": str,
}


def in_words(value: object, named: str, *tests: str) -> Any:
    """What a text says, as the mapping it is short for; `named` is the key of what is tested."""
    if not isinstance(value, str):
        return value
    for test in tests:
        name, found, bound = value.partition(f" {test} ")
        if found and name and " " not in name:
            return {named: name, test.replace(" ", "_"): _TESTS[test](bound)}
    examples = " or ".join(f"'NAME {test} VALUE'" for test in tests)
    raise ValueError(f"{shown(value)} is no test; write it as {examples}")
