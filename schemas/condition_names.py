"""Named conditions in a journey file: whether each is there, above where it is used, used at all, and not too much."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from schemas.faults import Path, meant
from schemas.journey import MAX_NAMES
from schemas.yaml_tree import MAX_DEPTH, MAX_VALUES

if TYPE_CHECKING:
    from schemas.references import Found

MAX_SIZE: Final = 1_000
"""What one named condition may come to: a few names of names would else be millions."""

GROUPS: Final = ("all", "any", "none")


@dataclass(frozen=True, slots=True)
class Written:
    """What a condition comes to once names are replaced by what they stand for."""

    asks: frozenset[tuple[str, str]] = frozenset()
    """Each key of its tests, with the name that it gives, as in ("reached", "signed_up")."""
    size: int = 0
    depth: int = 0


def tests(path: Path, condition: object) -> Iterator[tuple[Path, str, object]]:
    """All that a condition asks, through its groups: path, key and value, as written."""
    for key, value in condition.items() if isinstance(condition, dict) else ():
        if key in GROUPS:
            for place, part in enumerate(value if isinstance(value, list) else ()):
                yield from tests((*path, key, place), part)
        else:
            yield (*path, key), key, value


def write_out(condition: object, named: Mapping[str, Written]) -> Written:
    """What a condition comes to, given the conditions it may name."""
    if not isinstance(condition, dict):
        return Written()
    parts = [part for key, value in condition.items() for part in _parts(key, value, named)]
    return Written(
        frozenset[tuple[str, str]]().union(*(part.asks for part in parts)),
        1 + sum(part.size for part in parts),
        1 + max((part.depth for part in parts), default=0),
    )


def _parts(key: str, value: object, named: Mapping[str, Written]) -> Iterator[Written]:
    name = value if isinstance(value, str) else ""
    if key in GROUPS:
        yield from (write_out(part, named) for part in (value if isinstance(value, list) else ()))
    elif key == "is":
        yield named.get(name, Written())
    else:
        yield Written(frozenset({(key, name)}))


def named_conditions(section: Mapping[str, object]) -> dict[str, Written]:
    """What each named condition comes to. It may name those above it, so none comes back to itself."""
    named: dict[str, Written] = {}
    for name, condition in islice(section.items(), MAX_NAMES):
        written = write_out(condition, named)
        named[name] = written if written.size <= MAX_SIZE else replace(written, asks=frozenset())  # a fault of its own
    return named


def unfit_names(section: Mapping[str, object], conditions: list[tuple[Path, object]]) -> "Found":
    """Every name that says nothing, or is never said; `conditions` are all of the file."""
    found = (test for path, condition in conditions for test in tests(path, condition))
    uses = [(path, name) for path, key, name in found if key == "is" and isinstance(name, str)]
    order = {name: place for place, name in enumerate(section)}
    for path, name in uses:
        if name not in order:
            remedy = meant(name, order, "declare it under conditions")
            yield path, f"there is no condition '{name}'; {remedy}"
        elif path[0] == "conditions" and order[name] >= order[str(path[1])]:
            yield (
                path,
                f"'{name}' does not stand above; a condition is made of those above it, so that none is circular",
            )
    for name in order.keys() - {name for _, name in uses}:
        yield ("conditions", name), f"nothing says 'is: {name}'; use it, or take it out"
    yield from _excess(section, conditions)


def _excess(section: Mapping[str, object], conditions: list[tuple[Path, object]]) -> "Found":
    named = named_conditions(section)
    for name, written in named.items():
        if written.depth > MAX_DEPTH:
            yield ("conditions", name), f"with what it names, this goes more than {MAX_DEPTH} levels deep"
        if written.size > MAX_SIZE:
            yield ("conditions", name), f"with what it names, this is more than {MAX_SIZE} conditions"
    if named and sum(write_out(one, named).size for _, one in conditions) > MAX_VALUES:
        yield ("conditions",), f"written out wherever they are named, these are more than {MAX_VALUES} conditions"
