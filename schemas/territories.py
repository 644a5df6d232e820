"""Territories as a journey declares them: the accounts that fit no owner of a team, and would be told as unrouted."""

from collections.abc import Iterator
from itertools import islice, product
from typing import Final

from schemas.journey import OTHER, Dimension, Journey, Team
from schemas.touchpoints import Note

MAX_TRIED: Final = 10_000
"""Combinations of segments tried for one team."""

SHOWN: Final = 5
"""Combinations told of one team."""


def uncovered(journey: Journey) -> Iterator[Note]:
    """For each team, the segments whose accounts fit none of its owners."""
    for name, team in journey.teams.items():
        if team.owners:
            gaps = list(islice(_gaps(journey, team), SHOWN + 1))
            more = " and more" if len(gaps) > SHOWN else ""
            if gaps:
                yield Note(f"teams.{name}.owners", f"nobody takes accounts with {', '.join(gaps[:SHOWN])}{more}")


def _gaps(journey: Journey, team: Team) -> Iterator[str]:
    territories = [owner.territory or {} for owner in team.owners.values()]
    dimensions = {name: journey.segments[name] for territory in territories for name in territory}
    kinds = (_kinds(name, dimension, team) for name, dimension in dimensions.items())
    for combination in islice(product(*kinds), MAX_TRIED):
        segment = dict(zip(dimensions, combination, strict=True))
        if not any(all(segment[name] in wanted for name, wanted in territory.items()) for territory in territories):
            yield " and ".join(f"{name} {kind}" for name, kind in segment.items())


def _kinds(name: str, dimension: Dimension, team: Team) -> list[str]:
    """What an account can be in a dimension; where any text will do, what is asked for, and what is not."""
    if dimension.names is None:
        asked = [kind for owner in team.owners.values() for kind in (owner.territory or {}).get(name, ())]
        return list(dict.fromkeys((*asked, "anything else")))
    is_open = dimension.bands is not None and list(dimension.bands.values())[-1].below is None
    return [kind for kind in dimension.names if kind != OTHER or not is_open]
