"""The law *total* for the engine: no stream of calls makes it raise, and all that it says and keeps can be written."""

from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.journey import Journey
from schemas.outputs import MODELS
from schemas.reading import read_journey
from streams.bodies import Bodies
from streams.engine.account_store import HEADER
from streams.engine.compiler import compile_journey
from streams.engine.pipeline import Pipeline
from streams.engine.rejection import Reason
from streams.kafka.topics import Topics
from streams.records import Encoder, Origin, Record
from tests.laws.streams import END
from tests.laws.streams import SOURCE as EVERY_CONDITION
from tests.laws.wild import life
from tests.small_journey import REFERENCE, SMALL

JOURNEYS = {"small": read_journey(SMALL.encode()), "every": EVERY_CONDITION, "reference": read_journey(REFERENCE)}
MAX_BODY = 32 * 1024
MAX_STATE = 64 * 1024


def holds_the_law(source: Journey, stream: Iterable[bytes]) -> int:
    """Run a stream, and let time decide all that it will; how many records that makes."""
    journey, number = compile_journey(source), 0
    pipeline, encode = Pipeline(journey), Encoder(Topics(), Bodies(source, journey))
    for value in (*stream, b""):
        for output in pipeline.receive(value) if value else pipeline.advance(END):
            hold_record(encode(output, Origin("", 0), 0))
            number += 1
    pipeline.pack()
    hold_states(pipeline)
    return number


def hold_record(record: Record) -> None:
    if reason := dict(record.headers or ()).get("reason"):
        assert reason.decode() in set(Reason)
        return
    value = record.value or b""
    assert len(value) <= MAX_BODY
    MODELS[record.topic.removeprefix("journey.").removesuffix("s")].model_validate_json(value)


def hold_states(pipeline: Pipeline) -> None:
    """Every state is small, and packs to the same bytes once it has been unpacked."""
    follow = pipeline.follow
    for key in list(follow._accounts.keys()):
        hot, cold = follow._accounts.packed(key)
        account = follow.account(key)
        assert account is not None
        again = account.snapshot()
        assert again.hot == hot[HEADER.size :]
        assert len(again.hot) + len(cold) <= MAX_STATE


@pytest.mark.long
@pytest.mark.parametrize("name", JOURNEYS)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_long_life_of_wild_values_is_followed(name: str, seed: int) -> None:
    choose = Random(seed).randrange
    assert holds_the_law(JOURNEYS[name], life(JOURNEYS[name], choose, 600)) > 400


@pytest.mark.long
@pytest.mark.parametrize("name", JOURNEYS)
@settings(max_examples=40)
@given(data=st.data())
def test_any_short_life_of_wild_values_is_followed(name: str, data: st.DataObject) -> None:
    def choose(below: int) -> int:
        return data.draw(st.integers(0, below - 1))

    holds_the_law(JOURNEYS[name], life(JOURNEYS[name], choose, data.draw(st.integers(1, 12))))
