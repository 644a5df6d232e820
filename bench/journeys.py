"""The journeys that are measured."""

from pathlib import Path

from bench.load import NAMES
from schemas.journey import Journey
from schemas.reading import read_journey

REFERENCE = Path(__file__).parents[1] / "deploy" / "journeys" / "b2b-saas.yaml"
RARE = "Limit Reached"


def light() -> Journey:
    """A first-time milestone for each event name, and the events of the day counted."""
    return Journey.model_validate(_light())


def alerting() -> Journey:
    """The light journey, with an alert on one rare event."""
    rule = {"kind": "nudge", "severity": "info", "when": {"did": RARE}}
    return Journey.model_validate(
        _light() | {"name": "bench-alerting", "events": _events(*NAMES, RARE), "alerts": {"limit_reached": rule}}
    )


def reference() -> Journey:
    """The journey in deploy/, with everything on."""
    return read_journey(REFERENCE)


BY_NAME = {"light": light, "alerting": alerting, "reference": reference}


def _light() -> dict[str, object]:
    return {
        "journey": 1,
        "name": "bench-light",
        "version": 1,
        "events": _events(*NAMES),
        "measures": {"events_today": {"count": "any", "over": "1d"}},
        "milestones": {_slug(name): {"when": {"did": name}} for name in NAMES},
        "stages": {"known": {"initial": True}},
    }


def _events(*names: str) -> dict[str, None]:
    return dict.fromkeys(names)


def _slug(name: str) -> str:
    return f"first_{name.lower().replace(' ', '_')}"
