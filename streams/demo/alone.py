"""The engine alone over the customer base: the demo without Kafka, and the oracle of the demo with it."""

from collections.abc import Iterable, Iterator
from typing import Final

from schemas.journey import Journey
from streams.bodies import Bodies
from streams.demo.messages import Sent
from streams.demo.verdicts import Body
from streams.engine.compiler import compile_journey
from streams.engine.outputs import AlertChanged, MilestoneReached, Said, SlaChanged, StageChanged
from streams.engine.pipeline import Pipeline

TOPICS: Final[dict[type[Said], str]] = {
    StageChanged: "transitions",
    MilestoneReached: "milestones",
    AlertChanged: "alerts",
    SlaChanged: "alerts",
}
"""What the demo looks at, and the topic it goes to."""


def decide(source: Journey, sent: Iterable[Sent]) -> Iterator[tuple[int, list[tuple[str, Body]]]]:
    """Run messages through the engine; for each, its arrival and what was said."""
    journey = compile_journey(source)
    pipeline, bodies = Pipeline(journey), Bodies(source, journey)
    for message in sent:
        outputs = pipeline.receive(message.value)
        said: list[tuple[str, Body]] = [
            (TOPICS[type(output)], bodies.body(output, pipeline.clock))
            for output in outputs
            if isinstance(output, StageChanged | MilestoneReached | AlertChanged | SlaChanged)
        ]
        yield message.arrived_at, said
