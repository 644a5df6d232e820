"""Renewal in a journey file that must fit together: the date, the events, and the alerts that the forecast asks for."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from schemas.faults import Path, meant
from schemas.journey import TraitKind
from schemas.journey.parts import as_list

if TYPE_CHECKING:
    from schemas.references import Found, Names


def unfit_renewal(names: "Names", data: Mapping[str, Any]) -> "Found":
    """What is not there, or not of its kind; and contracts of which nobody knows what they are worth."""
    renewal = data.get("renewal")
    if not isinstance(renewal, dict):
        return
    if "revenue" not in data:
        yield ("renewal",), "renewals are counted in revenue; declare where it is found under revenue"
    yield from _date(names, renewal.get("ends"))
    yield from _events(names, as_list(renewal.get("renewed")))
    alerts = data.get("alerts")
    for name, line in prospects(renewal):
        yield from _firing(alerts if isinstance(alerts, dict) else {}, ("renewal", "forecast", name), line)


def prospects(renewal: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The lines of the forecast, as written."""
    forecast = renewal.get("forecast") if isinstance(renewal, dict) else None
    for name, line in (forecast if isinstance(forecast, dict) else {}).items():
        if isinstance(line, dict):
            yield name, line


def _date(names: "Names", name: object) -> "Found":
    if not isinstance(name, str):
        return
    dates = [known for known, kind in names.traits.items() if kind is TraitKind.DATE]
    if name not in names.traits:
        yield ("renewal", "ends"), f"there is no trait '{name}'; {meant(name, dates, 'declare it under traits')}"
    elif names.traits[name] not in (None, TraitKind.DATE):
        yield ("renewal", "ends"), f"the trait '{name}' is a {names.traits[name]}, and this asks for a date"


def _events(names: "Names", events: object) -> "Found":
    from schemas.references import unfit_events  # noqa: PLC0415  the two call each other

    for place, event in enumerate(events if isinstance(events, list) else ()):
        if isinstance(event, str):
            path = ("renewal", "renewed", place)
            yield from ((path, told) for _, told in unfit_events(names, path, (event,)))


def _firing(alerts: Mapping[str, object], path: Path, line: Mapping[str, Any]) -> "Found":
    from schemas.references import declared  # noqa: PLC0415

    firing = as_list(line.get("firing"))
    for place, alert in enumerate(firing if isinstance(firing, list) else ()):
        if isinstance(alert, str):
            yield from declared("alert", alert, alerts, (*path, "firing", place))
