"""What a demo came to: what its last picture shows, and what decides its exit code."""

from dataclasses import dataclass, field
from typing import Final

from schemas.journey import Journey
from streams.demo.stories import DAYS, OF_JOURNEY, STORIES, Story, differences
from streams.demo.told import Told
from streams.demo.verdicts import Verdicts

FUNNEL: Final = ("activated", "adopted", "power_user", "expanded")
"""The stages of growth, each beyond the one before."""


@dataclass(frozen=True, slots=True)
class Latency:
    """From handing an event to the producer until a reader saw what it made true, in ms of real time."""

    p50: float
    p99: float
    verdicts: int


@dataclass(slots=True)
class Result:
    """A demo that has come to its end."""

    journey: Journey
    story: Told
    seconds: float
    verdicts: Verdicts
    latency: Latency | None = None
    agreed: int | None = None
    """With Kafka: how many verdicts were the engine's own."""
    problems: list[str] = field(default_factory=list)
    """What went wrong beside the stories."""
    where: dict[str, str] = field(default_factory=dict)
    """With Kafka: the settings under which others find the topics."""

    @property
    def told(self) -> list[tuple[Story, list[str]]]:
        """The stories, each with its differences; none where the days are too few, or the journey is not theirs."""
        if self.story.days < DAYS or self.journey.name != OF_JOURNEY:
            return []
        return [(story, list(differences(story, self.verdicts))) for story in STORIES]

    @property
    def is_good(self) -> bool:
        """Whether every story came out and nothing else went wrong."""
        return not self.problems and not any(found for _, found in self.told)

    @property
    def standing(self) -> dict[str, int]:
        """How many accounts stand in each stage, in the journey's order."""
        initial = next(name for name, stage in self.journey.stages.items() if stage.initial)
        counts = self.verdicts.standing(self.story.accounts, initial)
        return {stage: counts[stage] for stage in self.journey.stages}

    @property
    def funnel(self) -> list[tuple[str, int]]:
        """How many accounts came how far."""
        return self.verdicts.funnel([step for step in FUNNEL if step in self.journey.stages], len(self.story.accounts))

    @property
    def events_per_second(self) -> float:
        """Over the whole run."""
        return len(self.story.sent) / self.seconds if self.seconds else 0.0


def summary(result: Result) -> dict[str, object]:
    """The result as data."""
    return {
        "ok": result.is_good,
        "accounts": len(result.story.accounts),
        "days": result.story.days,
        "events": len(result.story.sent),
        "seconds": round(result.seconds, 2),
        "events_per_second": round(result.events_per_second),
        "latency_ms": result.latency
        and {"p50": result.latency.p50, "p99": result.latency.p99, "verdicts": result.latency.verdicts},
        "verdicts": dict(sorted(result.verdicts.counts.items())),
        "equal_to_engine": result.agreed,
        "stages": result.standing,
        "funnel": dict(result.funnel),
        "alerts": dict(result.verdicts.kinds.most_common()),
        "stories": {story.account: found or "as told" for story, found in result.told},
        "problems": result.problems,
    }
