"""Whatever is done to a journey file, it is read or refused with lines that lie within it; nothing else comes out."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from schemas.faults import Fault
from schemas.journey import Condition, Journey
from schemas.reading import JourneyError, read_journey
from streams.engine.compiler import compile_journey
from tests.small_journey import REFERENCE, SMALL

Spot = tuple[str | int, ...]

JOURNEYS = {name: yaml.safe_load(text) for name, text in (("small", SMALL), ("reference", REFERENCE.read_text()))}
ODD: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 0, -1, 1.5, 1e300, "", "x", "7 days", "any", [], ["x", 3], {}, {"x": {}}, [[]], [{}]]
)


def spots(value: object, here: Spot = ()) -> Iterator[Spot]:
    """Every place in plain data but the top."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*here, key)
        yield from spots(member, (*here, key))


def written(journey: object) -> bytes:
    """As JSON, which is YAML too, and quicker to write: a value a line."""
    return json.dumps(journey, indent=1).encode()


def refused_within(content: bytes) -> None:
    lines = len(content.splitlines())
    for fault in faults_in(content):
        assert 1 <= fault.line <= lines
        assert fault.column >= 1
        assert fault.message


def faults_in(content: bytes) -> tuple[Fault, ...]:
    try:
        compile_journey(read_journey(content))  # what is read compiles
    except JourneyError as error:
        assert str(error).count("\n") == len(error.faults) - 1  # noqa: PT017  (a line for each)
        return error.faults
    return ()


@pytest.mark.long
@pytest.mark.parametrize("name", JOURNEYS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_journey_spoiled_anywhere_is_read_or_refused_by_line(name: str, data: st.DataObject) -> None:
    journey = deepcopy(JOURNEYS[name])
    *way, last = data.draw(st.sampled_from(list(spots(journey))))
    inside: Any = journey
    for part in way:
        inside = inside[part]
    match data.draw(st.sampled_from(["delete", "misspell", "replace"])):
        case "delete":
            del inside[last]
        case "misspell" if isinstance(inside, dict):
            inside[f"{last}x"] = inside.pop(last)
        case "misspell":
            inside[last] = f"{inside[last]}x"
        case _:
            inside[last] = data.draw(ODD)
    refused_within(written(journey))


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, len(SMALL)), length=st.integers(0, 40), rubbish=st.binary(max_size=6))
def test_a_file_torn_anywhere_is_read_or_refused_by_line(at: int, length: int, rubbish: bytes) -> None:
    content = SMALL.encode()
    refused_within(content[:at] + rubbish + content[at + length :] or b"#")


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_are_refused_by_line(content: bytes) -> None:
    refused_within(content)


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and every one its fields are made of."""
    found, waiting = {model}, [model]
    while waiting:
        here = waiting.pop()
        yield here
        inner = {one for field in here.model_fields.values() for one in parts(field.annotation)} - found
        found |= inner
        waiting += inner


def parts(kind: Any) -> set[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {kind}
    return {one for argument in getattr(kind, "__args__", ()) for one in parts(argument)}


PLACES = {
    "Journey": (),
    "EventType": ("events", "Report Viewed"),
    "Dimension": ("segments", "tier"),
    "Calendar": ("calendars", "office"),
    "Team": ("teams", "sales"),
    "Owner": ("teams", "sales", "owners", "Kim"),
    "Handoff": ("alerts", "handed", "handoff"),
    "Answer": ("alerts", "handed", "handoff", "respond"),
    "Escalation": ("alerts", "handed", "handoff", "escalate"),
    "Band": ("segments", "size", "bands", "some"),
    "Revenue": ("revenue",),
    "Persona": ("personas", "champion"),
    "Check": ("checks", "seats"),
    "Open": ("measures", "open", "open"),
    "Sequence": ("alerts", "followed", "when", "sequence"),
    "Play": ("plays", "ask"),
    "Identity": ("identity",),
    "Instrument": ("instrumentation", "product"),
    "Kpis": ("kpis",),
    "ActiveUsers": ("kpis", "active"),
    "Goal": ("kpis", "goals", "some"),
    "Contact": ("contact",),
    "Budget": ("contact", "budget"),
    "Allowance": ("contact", "budget", "user"),
    "QuietHours": ("contact", "quiet_hours"),
    "Holdout": ("contact", "holdout"),
    "Outcome": ("contact", "holdout", "outcomes", "bought"),
    "Measure": ("measures", "tickets"),
    "Valued": ("measures", "rows", "sum"),
    "Ratio": ("measures", "use", "ratio"),
    "Milestone": ("milestones", "looked"),
    "Stage": ("stages", "active"),
    "Exit": ("stages", "active", "exit", 0),
    "AlertRule": ("alerts", "ends_soon"),
    "Condition": ("milestones", "settled", "when", "all", 0),
    "Did": ("stages", "active", "exit", 0, "when", "did"),
    "MeasureIs": ("milestones", "settled", "when", "all", 1, "measure"),
    "Silent": ("stages", "quiet", "enter", "silent"),
    "Absent": ("alerts", "not_looking", "when", "absent"),
    "InStage": ("alerts", "waits", "when", "in_stage"),
    "DateIs": ("alerts", "ends_soon", "when", "date"),
    "TraitIs": ("alerts", "upgrade", "when", "any", 0, "trait"),
    "Raise": ("alerts", "upgrade", "raise"),
    "UsageDrop": ("alerts", "upgrade", "when", "any", 2, "usage_drop"),
    "HealthPart": ("health", "use"),
    "HealthIs": ("drivers", "unwell", "when", "health"),
    "Driver": ("drivers", "unwell"),
    "Renewal": ("renewal",),
    "Prospect": ("renewal", "forecast", "others"),
}
"""Where the small journey, with what is added to it, has each model of the language."""

HANDED = {
    "kind": "handoff",
    "severity": "info",
    "when": {"did": "Signed Up"},
    "handoff": {
        "lead": "pql",
        "team": "sales",
        "respond": {"by": "Report Viewed", "within": "4bh"},
        "escalate": {"to": "Max", "after": "1bh"},
    },
}

ADDED: dict[str, Any] = {
    "health": {"use": {"measure": "breadth", "from": 0, "to": 3}},
    "drivers": {"unwell": {"risk": 0.5, "when": {"health": {"below": 40}}}},
    "identity": {},
    "instrumentation": {"product": {}},
    "revenue": {"mrr": "seats"},
    "renewal": {"ends": "ends_at", "renewed": "Signed Up", "forecast": {"others": {"likelihood": 0.9}}},
    "personas": {"champion": {"trait": "role", "is": "champion"}},
    "segments": {"size": {"trait": "seats", "bands": {"some": {}}}},
    "kpis": {
        "active": {"daily": "actives", "weekly": "actives", "monthly": "actives"},
        "goals": {"some": {"segment": {"tier": "pro"}, "goal": "more"}},
    },
    "measures": {
        "rows": {"sum": {"event": "Import Run", "property": "rows"}, "over": "7d"},
        "use": {"ratio": {"of": "actives", "to": "seats"}},
        "open": {"open": {"opened": "Ticket Opened", "closed": "Import Run", "by": "id"}},
    },
    "checks": {"seats": {"at_least": 0}},
    "alerts": {
        "handed": HANDED,
        "followed": {
            "kind": "nudge",
            "severity": "info",
            "when": {"sequence": {"event": "Report Viewed", "after": "Signed Up", "within": "1d"}},
        },
        "upgrade": {"raise": {"to": "warning", "when": {"did": "Signed Up"}}},
        "waits": {"kind": "stall", "severity": "info", "when": {"in_stage": {"for": "3d"}}},
    },
}
"""What the small journey has not, so that it has a bit of everything."""


def joined(base: Any, added: Any) -> Any:
    """Two parts of a journey as one."""
    if not (isinstance(base, dict) and isinstance(added, dict)):
        return deepcopy(added)
    return base | {key: joined(base.get(key), value) for key, value in added.items()}


def test_every_model_of_the_language_is_tried_below() -> None:
    assert {model.__name__ for model in models(Journey)} == set(PLACES)


@pytest.mark.parametrize("model", PLACES)
def test_an_unknown_key_is_refused_in_every_part_of_the_language(model: str) -> None:
    journey = joined(yaml.safe_load(SMALL), ADDED)
    inside: Any = journey
    for part in PLACES[model]:
        inside = inside[part]
    inside["nonsense"] = 1
    with pytest.raises(JourneyError, match=r"\.?nonsense: there is no such key here"):
        read_journey(written(journey))


def test_every_test_a_condition_can_make_has_its_references_checked() -> None:
    from schemas.references import _LEAVES  # noqa: PLC0415

    assert set(_LEAVES) == set(Condition.model_fields) - {"all", "any", "none", "named"}
