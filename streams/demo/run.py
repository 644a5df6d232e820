"""The demo: a customer base, what is decided of it, and whether the known stories came out."""

import gc
import time
from dataclasses import dataclass
from pathlib import Path

from schemas.journey import Journey
from schemas.reading import read_journey
from streams.demo.alone import decide
from streams.demo.customers import customer_base
from streams.demo.messages import FIRST_DAY, messages
from streams.demo.result import Result
from streams.demo.screen import Screen
from streams.demo.verdicts import Verdicts
from streams.kafka.broker_files import deploy_folder

SHOWN_EVERY = 64


@dataclass(frozen=True, slots=True)
class Cast:
    """How large the customer base is, how long it is followed, and which one it is."""

    accounts: int
    days: int
    seed: int


def reference_journey() -> Path:
    """The journey file that the demo follows."""
    return deploy_folder() / "journeys" / "b2b-saas.yaml"


def run_alone(journey: Journey, cast: Cast, screen: Screen) -> Result:
    """The demo through the engine alone."""
    gc.set_threshold(100_000, 20, 50)  # what is made here stays: walking it over and over finds nothing
    began = time.monotonic()
    lives = customer_base(cast.accounts, cast.days, cast.seed)
    sent = messages(lives, cast.days, cast.seed)
    verdicts = Verdicts()
    screen.show(FIRST_DAY, 0)
    for number, (at, said) in enumerate(decide(journey, sent), 1):
        for topic, body in said:
            verdicts.take(topic, body)
            screen.hear(topic, body)
        if number % SHOWN_EVERY == 0:
            screen.show(at, number)
    return Result(journey, lives, cast.days, len(sent), time.monotonic() - began, verdicts)


def read_reference() -> Journey:
    """The reference journey, read and checked."""
    return read_journey(reference_journey())
