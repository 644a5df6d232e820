"""The story of one demo: who lives in it, how long, and all that they send."""

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.demo.customers import customer_base
from streams.demo.messages import Sent, messages
from streams.demo.plans import Life
from streams.kafka.broker_files import deploy_folder


@dataclass(frozen=True, slots=True)
class Told:
    """A customer base over some days."""

    lives: Sequence[Life]
    days: int
    sent: Sequence[Sent]

    @property
    def accounts(self) -> list[str]:
        """The accounts that signed up in these days."""
        return [life.id for life in self.lives if life.starts < self.days]


def story_of(accounts: int, days: int, seed: int) -> Told:
    """The story that these numbers make, the same on every machine."""
    gc.set_threshold(100_000, 20, 50)  # what is made here stays: walking it over and over finds nothing
    lives = customer_base(accounts, days, seed)
    return Told(lives, days, messages(lives, days, seed))


def reference_journey() -> Path:
    """The journey file that the demo follows."""
    return deploy_folder() / "journeys" / "b2b-saas.yaml"
