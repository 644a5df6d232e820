"""The events that `identity` names: there must be such, and none can both join and leave."""

from collections.abc import Callable, Container, Iterator
from typing import Final

from schemas.faults import Path
from schemas.journey import ANY, Identity

Found = Iterator[tuple[Path, str]]

KEYS: Final = ("join", "leave")


def unfit_identity(raw: object, calls: Container[str], events: Callable[[Path, tuple[str, ...]], Found]) -> Found:
    """Names in `identity` that do not fit; `events` tells of those that are not declared. Defaults need not be."""
    given = {key: names_in(raw, key) for key in KEYS}
    for key, names in given.items():
        for place, name in enumerate(names):
            path = ("identity", key, place)
            if name == ANY or name in calls:
                yield path, f"'{name}' cannot stand here; name tracked events (a group call joins by itself)"
            elif key == "leave" and name in (given["join"] or Identity().join):
                yield path, f"'{name}' stands under join too; an event can only do one of the two"
            elif name not in getattr(Identity(), key):
                yield from ((path, told) for _, told in events(path, (name,)))


def names_in(raw: object, key: str) -> tuple[str, ...]:
    """The names given under a key; none where it is something else, which has been told by itself."""
    value = raw.get(key) if isinstance(raw, dict) else None
    names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(name for name in names if isinstance(name, str))
