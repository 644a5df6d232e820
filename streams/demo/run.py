"""The demo without Kafka: the same story, and the same verdicts, through the engine alone."""

import time
from pathlib import Path
from typing import Final

from schemas.reading import read_journey
from streams.demo.alone import decide
from streams.demo.result import Result
from streams.demo.screen import Screen
from streams.demo.told import Told
from streams.demo.verdicts import Verdicts

SHOWN_EVERY: Final = 64


def run_alone(file: Path, story: Told, screen: Screen) -> Result:
    """Run the story through the engine."""
    journey = read_journey(file)
    began = time.monotonic()
    verdicts = Verdicts()
    for number, (at, said) in enumerate(decide(journey, story.sent), 1):
        for topic, body in said:
            verdicts.take(topic, body)
            screen.hear(topic, body)
        if number % SHOWN_EVERY == 0:
            screen.show(at, number)
    return Result(journey, story, time.monotonic() - began, verdicts)
