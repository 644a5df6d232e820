"""The stages of a worker, wired: what `route`, `follow` and `kpis` read, hold, say, and where it goes."""

from collections.abc import Iterable, Mapping
from typing import cast

from schemas import journey as file
from streams.bodies import Bodies
from streams.engine.accounts import FollowPartition
from streams.engine.clock import Progress
from streams.engine.compiler import compile_journey
from streams.engine.kpis.partition import KpiPartition
from streams.engine.message import Keyed
from streams.engine.sightings import Seen
from streams.engine.users import RoutePartition
from streams.kafka.stage import Stage
from streams.kafka.topics import Topics
from streams.records import Encoder


def journey_stages(source: file.Journey, topics: Topics) -> list[Stage]:
    """Everything a worker does for a journey; `kpis` only if it declares any."""
    journey = compile_journey(source)
    encode = Encoder(topics, Bodies(source, journey))
    stages = [
        Stage(
            name="route",
            source=topics.events,
            changelog=topics.users_changelog,
            keyed=lambda: RoutePartition(journey),
            encode=encode,
            suppressions=topics.suppressions,
            marks=topics.account_events,
            encode_progress=encode_progress,
        ),
        Stage(
            name="follow",
            source=topics.account_events,
            changelog=topics.state_changelog,
            keyed=lambda: FollowPartition(journey),
            encode=encode,
            suppressions=topics.suppressions,
            marks=topics.kpi_facts if journey.kpis else None,
            encode_progress=encode_progress,
            is_told_the_time=True,
            dark=dark,
        ),
    ]
    if (kpis := journey.kpis) is not None:
        stages.append(
            Stage(
                name="kpis",
                source=topics.kpi_facts,
                changelog=topics.kpis_changelog,
                keyed=lambda: KpiPartition(kpis, journey.lateness_ms),
                encode=encode,
                running=running,
            )
        )
    return stages


def encode_progress(of: int, sources: Mapping[int, tuple[int, bool]], seen: Seen, at: tuple[int, int]) -> bytes:
    """A progress marker."""
    return Progress(of, dict(sources), {source: dict(hours) for source, hours in seen.items()}, at).encode()


def dark(keyed: Keyed) -> Iterable[tuple[str, bool]]:
    """Whether sources are dark, of those the partition speaks for."""
    return cast("FollowPartition", keyed).dark()


def running(keyed: Keyed) -> Iterable[tuple[str, str, str, float]]:
    """The figures of the periods that are not closed yet."""
    return cast("KpiPartition", keyed).running()
