"""Names in a contact policy that must fit the rest of the journey file."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from schemas.faults import meant
from schemas.journey import AlertKind, TraitKind
from schemas.zones import zone_names

if TYPE_CHECKING:
    from schemas.references import Found, Names

DECLARED = {"reached": "milestone", "stage": "stage"}
"""What an outcome names, by its key."""


def unfit_contact(names: "Names", contact: Mapping[str, Any], alerts: Mapping[str, Any]) -> "Found":
    """Every alert, zone, trait, milestone and stage that the policy names and that is not there."""
    yield from _priority(contact.get("priority"), alerts)
    yield from _quiet_hours(names, _mapping(contact, "quiet_hours"))
    outcomes = _mapping(_mapping(contact, "holdout"), "outcomes")
    for name, outcome in outcomes.items():
        for key, known in (("reached", names.milestones), ("stage", names.stages)):
            wanted = outcome.get(key) if isinstance(outcome, dict) else None
            if isinstance(wanted, str) and wanted not in known:
                kind = DECLARED[key]
                remedy = meant(wanted, known, f"declare it under {kind}s")
                yield ("contact", "holdout", "outcomes", name, key), f"there is no {kind} '{wanted}'; {remedy}"


def _priority(priority: object, alerts: Mapping[str, Any]) -> "Found":
    known = (*alerts, *AlertKind)
    for place, name in enumerate([priority] if isinstance(priority, str) else _list(priority)):
        if isinstance(name, str) and name not in known:
            yield (
                ("contact", "priority", place),
                f"'{name}' is neither an alert nor a kind of alert; {meant(name, known, 'name one of those')}",
            )


def _quiet_hours(names: "Names", quiet: Mapping[str, Any]) -> "Found":
    zone, trait = quiet.get("otherwise"), quiet.get("timezone")
    if isinstance(zone, str) and zone not in zone_names():
        remedy = meant(zone, zone_names(), "write one as in 'Europe/Berlin'")
        yield ("contact", "quiet_hours", "otherwise"), f"there is no time zone '{zone}'; {remedy}"
    kind = names.traits.get(trait) if isinstance(trait, str) else None
    if kind not in (None, TraitKind.TEXT):
        yield (
            ("contact", "quiet_hours", "timezone"),
            f"the trait '{trait}' is a {kind}, and a zone is a {TraitKind.TEXT}; declare the trait as that",
        )


def _mapping(part: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = part.get(key)
    return found if isinstance(found, dict) else {}


def _list(found: object) -> Iterator[object]:
    return iter(found if isinstance(found, list) else ())
