"""A changed journey: an account's state moves from the places of the vocabulary it was written in to those of today's.

What has the same name or the same definition keeps its past; what is new begins empty; what is gone is dropped. An
account whose stage is gone begins again in the initial one.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from schemas.state import Hot, Vocabulary
from streams.engine.compiled import Journey
from streams.engine.rules import MAX_DONE
from streams.engine.windows import Windows, is_bitmap

T = TypeVar("T")


def transfer(hot: Hot, cold: bytes | None, old: Vocabulary, journey: Journey) -> Windows:
    """Give a state the places of today's vocabulary; its days come back so, too."""
    new = journey.vocabulary
    windows = Windows(journey.layout, hot, cold, [i for i, key in enumerate(old.columns) if is_bitmap(key)])
    hot.stage = _stage(hot.stage, old, new, journey.initial)
    hot.previous = _stage(hot.previous, old, new, journey.initial)
    hot.reached = _keep(hot.reached, old.milestones, new.milestones)
    hot.done = sum(1 << place for place in hot.reached if place < MAX_DONE)
    hot.alerts = _keep(hot.alerts, old.alerts, new.alerts)
    hot.traits = _keep(hot.traits, old.traits, new.traits)
    hot.last = _align(hot.last, old.lasts, new.lasts)
    hot.totals = _align(hot.totals, old.totals, new.totals)
    hot.awaiting = _align(hot.awaiting, old.absences, new.absences)
    windows.rearrange(sources(old.columns, new.columns), sources(old.features, new.features))
    hot.vocabulary = journey.vocabulary_id
    return windows


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
