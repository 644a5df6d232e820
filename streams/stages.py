"""The two stages of a worker, wired: what `route` and `follow` read, hold, say, and where it goes."""

from schemas import journey as file
from streams.bodies import Bodies
from streams.engine.accounts import FollowPartition
from streams.engine.clock import Progress
from streams.engine.compiled import compile_journey
from streams.engine.users import RoutePartition
from streams.kafka.stage import Stage
from streams.kafka.topics import Topics
from streams.records import Encoder


def journey_stages(source: file.Journey, topics: Topics) -> list[Stage]:
    """Everything a worker does for a journey."""
    journey = compile_journey(source)
    encode = Encoder(topics, Bodies(source, journey))
    return [
        Stage(
            name="route",
            source=topics.events,
            changelog=topics.users_changelog,
            keyed=lambda: RoutePartition(journey),
            encode=encode,
            marks=topics.account_events,
            encode_progress=lambda of, sources: Progress(of, dict(sources)).encode(),
        ),
        Stage(
            name="follow",
            source=topics.account_events,
            changelog=topics.state_changelog,
            keyed=lambda: FollowPartition(journey),
            encode=encode,
        ),
    ]
