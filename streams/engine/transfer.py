"""A changed journey: an account's state moves from the places of the vocabulary it was written in to those of today's.

What has the same name or the same definition keeps its past; what is new begins empty; what is gone is dropped. An
account whose stage is gone begins again in the initial one.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from schemas.state import Cell, Hot, Outreach, Rare, Tallies, Vocabulary
from streams.engine.compiled import Journey
from streams.engine.health import UNKNOWN
from streams.engine.instruments import Sources
from streams.engine.layout import is_bitmap
from streams.engine.windows import Windows

T = TypeVar("T")


def transfer(hot: Hot, cold: bytes | None, old: Vocabulary, journey: Journey, sources_known: Sources) -> Windows:
    """Give a state the places of today's vocabulary; its days come back so, too."""
    new = journey.vocabulary
    bitmaps = [place for place, key in enumerate(old.columns) if is_bitmap(key)]
    windows = Windows.stored_otherwise(journey.layout, hot, cold, bitmaps, sources_known)
    hot.stage = _stage(hot.stage, old, new, journey.initial)
    hot.previous = _stage(hot.previous, old, new, journey.initial)
    hot.last = _align(hot.last, old.lasts, new.lasts)
    hot.totals = _align(hot.totals, old.totals, new.totals)
    hot.awaiting = _align(hot.awaiting, old.absences, new.absences)
    rare = msgspec.msgpack.decode(hot.rare, type=Rare)
    rare.reached = _keep(rare.reached, old.milestones, new.milestones)
    rare.alerts = _keep(rare.alerts, old.alerts, new.alerts)
    rare.traits = _keep(rare.traits, old.traits, new.traits)
    rare.cases = _keep(rare.cases, old.alerts, new.alerts)
    rare.owners = _keep(rare.owners, old.teams, new.teams)
    rare.before = None
    if rare.vitals is not None:  # until the next close, the score stands as it was
        parts = sources(old.health, new.health)
        rare.vitals.parts = [UNKNOWN if place is None else rare.vitals.parts[place] for place in parts]
    rare.outreach, rare.release_at = _outreach(rare.outreach, old, journey)
    hot.rare = msgspec.Raw(msgspec.msgpack.encode(rare))
    tallies = msgspec.msgpack.decode(hot.tallies, type=Tallies)
    tallies.latest = _keep(tallies.latest, old.tallies, new.tallies)
    tallies.pending = _keep(tallies.pending, old.tallies, new.tallies)
    tallies.visits = _keep(tallies.visits, old.tallies, new.tallies)
    tallies.steps = _keep(tallies.steps, old.tallies, new.tallies)
    hot.tallies = msgspec.Raw(msgspec.msgpack.encode(tallies))
    hot.settled = _settled(rare, journey)
    windows.recast(sources(old.personas, new.personas), sources(old.user_traits, new.user_traits), len(old.user_traits))
    windows.rearrange(sources(old.columns, new.columns), sources(old.features, new.features))
    hot.vocabulary = journey.vocabulary_id
    return windows


def _outreach(packed: msgspec.Raw, old: Vocabulary, journey: Journey) -> tuple[msgspec.Raw, int]:
    """What has been done about the alerts that there still are, and when the first of those that wait is due."""
    outreach = msgspec.msgpack.decode(packed, type=Outreach)
    plays = _keep(outreach.plays, old.alerts, journey.vocabulary.alerts)
    known = {place: {option.name for option in journey.alerts[place].plays} for place in plays}
    outreach.plays = {place: name for place, name in plays.items() if name in known[place]}
    outreach.held = _keep(outreach.held, old.alerts, journey.vocabulary.alerts)
    release_at = min((held.due for held in outreach.held.values()), default=0)
    return msgspec.Raw(msgspec.msgpack.encode(outreach)), release_at


def _settled(rare: Rare, journey: Journey) -> Cell:
    bits = sum(1 << place for place in rare.reached)
    bits |= sum(journey.stage_bit << 1 + place for place, episode in rare.alerts.items() if episode.firing)
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def sources(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """For each new place, the old place of the same name, or None."""
    places = {name: place for place, name in enumerate(old)}
    return [places.get(name) for name in new]


def _stage(place: int, old: Vocabulary, new: Vocabulary, initial: int) -> int:
    name = old.stages[place]
    return new.stages.index(name) if name in new.stages else initial


def _keep(held: Mapping[int, T], old: Sequence[str], new: Sequence[str]) -> dict[int, T]:
    places = {name: place for place, name in enumerate(new)}
    return {places[old[place]]: value for place, value in held.items() if old[place] in places}


def _align(held: Sequence[int], old: Sequence[str], new: Sequence[str]) -> list[int]:
    return [0 if place is None else held[place] for place in sources(old, new)]
