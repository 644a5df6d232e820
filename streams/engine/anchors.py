"""Anchors: the value of a trait, as of the date on which a contract ends, for which an alert is told once."""

from typing import TYPE_CHECKING

from schemas.state import Anchor, Episode

if TYPE_CHECKING:
    from streams.engine.account import Account

MAX_ANCHORS = 16
"""How many values an alert remembers having been told for; of more, those told last."""


def anchor_of(account: "Account", place: int) -> Anchor | None:
    """What an alert that is told once per the trait at `place` is told for now; None for nothing."""
    return account.trait(place)


def has_moved(account: "Account", place: int | None, episode: Episode) -> bool:
    """Whether an alert that fires was told for another value than stands now."""
    return place is not None and episode.told_for[-1:] != [anchor_of(account, place)]


def is_untold(account: "Account", place: int, episode: Episode | None) -> bool:
    """Whether there is a value, and nothing was told for it yet."""
    anchor = anchor_of(account, place)
    return anchor is not None and (episode is None or anchor not in episode.told_for)


def told_for(account: "Account", place: int | None, episode: Episode | None) -> list[Anchor]:
    """The values told for, once the one that stands now is."""
    anchor = None if place is None else anchor_of(account, place)
    before = [] if episode is None else episode.told_for
    return before if anchor is None else [*before, anchor][-MAX_ANCHORS:]
