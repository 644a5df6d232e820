"""Whole lives as golden files: the same messages say the same, byte for byte, until someone decides otherwise.

`pytest tests/golden --rebuild-golden` lives the lives anew (`lives.py`); the diff is then read like prose.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import orjson
import pytest

from schemas import outputs as published
from schemas.journey import Journey
from schemas.reading import read_journey
from streams.bodies import Bodies
from streams.engine.compiler import compile_journey
from streams.engine.outputs import (
    AccountUpdated,
    AlertChanged,
    DeadLetter,
    FigureClosed,
    InstrumentationChanged,
    MilestoneReached,
    Output,
    RenewalDecided,
    RevenueMoved,
    Said,
    SlaChanged,
    StageChanged,
)
from streams.engine.pipeline import Pipeline
from tests.driver import Product
from tests.golden.lives import SMALL, Life
from tests.golden.reference_lives import REFERENCE

HERE = Path(__file__).parent
JOURNEYS = {"small": HERE / "small.yaml", "b2b-saas": HERE.parents[1] / "deploy" / "journeys" / "b2b-saas.yaml"}
LIVES = [pytest.param("small", life, id=life.__name__) for life in SMALL]
LIVES += [pytest.param("b2b-saas", life, id=life.__name__) for life in REFERENCE]
RECORDS = {
    StageChanged: "transition",
    MilestoneReached: "milestone",
    AlertChanged: "alert",
    RevenueMoved: "movement",
    RenewalDecided: "renewal",
    SlaChanged: "alert",
    AccountUpdated: "account",
}


@cache
def the_journey(name: str) -> Journey:
    return read_journey(JOURNEYS[name])


def messages_of(journey: str, life: Life) -> list[bytes]:
    """Live the life; at its end a stranger's event, much later, lets time decide the rest."""
    product = Product(the_journey(journey))
    life(product)
    product.passes(days=2).account("stranger").does("Signed Up", by="someone")
    return product.sent


def said_about(messages: list[bytes], journey: str) -> Iterator[bytes]:
    """The bodies of all that is said, as lines; of account snapshots those that come with a verdict, or last."""
    source = the_journey(journey)
    compiled = compile_journey(source)
    pipeline, bodies = Pipeline(compiled), Bodies(source, compiled)
    for message in messages:
        outputs = pipeline.receive(message)
        for place, output in enumerate(outputs):
            if not _is_daily(outputs, place):
                yield _line(output, bodies, pipeline.clock)


def _is_daily(outputs: list[Output], place: int) -> bool:
    """A snapshot that only says that a day has closed, and figures but those of all accounts in a month."""
    output, before = outputs[place], outputs[place - 1] if place else None
    if isinstance(output, FigureClosed):
        return output.length != "month" or output.cut != ""
    return isinstance(output, AccountUpdated) and (before is None or isinstance(before, AccountUpdated))


def _line(output: Output, bodies: Bodies, detected_at: int) -> bytes:
    if isinstance(output, DeadLetter):
        return orjson.dumps({"record": "dead_letter", "reason": output.reason, "offset": output.offset})
    if isinstance(output, FigureClosed):
        return orjson.dumps({"record": "kpi"} | bodies.figure(output, detected_at))
    if isinstance(output, InstrumentationChanged):
        return orjson.dumps({"record": "instrumentation"} | bodies.instrumentation(output, detected_at))
    assert isinstance(output, Said)
    return orjson.dumps({"record": RECORDS[type(output)]} | bodies.body(output, detected_at))


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()


@pytest.mark.parametrize(("journey", "life"), LIVES)
def test_a_life_says_what_it_has_always_said(journey: str, life: Life, rebuilds: bool) -> None:  # noqa: FBT001
    recorded, said = HERE / journey / f"{life.__name__}.in.jsonl", HERE / journey / f"{life.__name__}.out.jsonl"
    if rebuilds:
        recorded.parent.mkdir(exist_ok=True)
        recorded.write_bytes(b"\n".join(messages_of(journey, life)) + b"\n")
        said.write_bytes(b"\n".join(said_about(lines(recorded), journey)) + b"\n")
    assert list(said_about(lines(recorded), journey)) == lines(said)


@pytest.mark.parametrize(("journey", "life"), LIVES)
def test_every_body_is_as_the_published_models_say(journey: str, life: Life) -> None:
    for line in lines(HERE / journey / f"{life.__name__}.out.jsonl"):
        body = orjson.loads(line)
        record = body.pop("record")
        if record != "dead_letter":
            model = published.MODELS[record].model_validate(body)
            assert model.model_dump(mode="json", exclude_unset=True) == body


def test_the_golden_lives_have_every_kind_of_record() -> None:
    records = {orjson.loads(line)["record"] for path in HERE.glob("*/*.out.jsonl") for line in lines(path)}
    assert records == {*published.MODELS, "dead_letter"}
