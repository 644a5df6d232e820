"""The taxonomy: the events we listen to, and what is known of accounts."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from schemas.journey.parts import Events, Name, Strict, each_once


def _plain(name: str) -> str:
    if not name.isprintable() or '"' in name or "\\" in name:
        raise ValueError(f"{name!r} is no name of a property: leave out quotation marks, backslashes and controls")
    return name


Property = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_plain)]
"""The name of a member of an event's properties."""


class Source(StrEnum):
    """The system an event comes from. Only product events are activity."""

    PRODUCT = "product"
    BILLING = "billing"
    SUPPORT = "support"
    CRM = "crm"
    FEEDBACK = "feedback"


class Policy(StrEnum):
    """What becomes of events that are not declared (`undeclared`), or lack a property they require (`malformed`).

    Kept as if nothing were wrong (`journey report coverage` finds it all the same), kept and counted in a metric, or
    made a dead letter.
    """

    KEEP = "keep"
    WARN = "warn"
    REJECT = "reject"


class EventType(Strict):
    """One declared event of the taxonomy."""

    source: Source = Source.PRODUCT
    feature: Name | None = Field(None, description="the feature its use counts for, in measures of breadth")
    owner: str | None = Field(None, max_length=255, description="the team that answers for its instrumentation")
    required: Annotated[tuple[Property, ...], AfterValidator(each_once)] = Field(
        (), max_length=50, description="properties that must be there and not null"
    )


class EventGroup(EventType):
    """Declared events that have the rest in common."""

    names: Events


class EventGroups(Strict):
    """The events of a file that declares them in groups."""

    events: tuple[EventGroup, ...]


def spread(groups: Iterable[object]) -> Iterator[tuple[tuple[int | str, ...], str, dict[str, object]]]:
    """Each event of such groups: where its name stands in them, the name, and what is declared of it."""
    for place, group in enumerate(groups):
        if not isinstance(group, dict):
            continue
        shared, names = {key: value for key, value in group.items() if key != "names"}, group.get("names")
        if isinstance(names, str):
            yield (place, "names"), names, shared
        for number, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str):
                yield (place, "names", number), name, shared


class TraitKind(StrEnum):
    """What an account trait holds. A date is an RFC 3339 date, or an instant with a zone."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
