"""Beside the path: who takes an account over.

An owner is drawn by weighted rendezvous hashing: every owner whose territory fits holds as many lots as capacity, each
lot is hashed together with the account, the rule and the episode, and the lowest one wins. A round robin would share
out more evenly from one account to the next, but it counts over all accounts: its counter would have to live somewhere
outside an account, be agreed on by every partition, and a replay, another number of partitions or a message read in
another order would name other owners than the worker did. A draw needs to know nothing but the account itself, so it
is the same wherever and however often it is made; load still follows capacity, within what chance allows (±√n). When
an owner comes or goes, only the accounts that owner wins or held are drawn otherwise.

The draw is made once: an account keeps its owner in a team for as long as that owner still fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import journey as file
from streams.engine.business_time import Calendar, compile_calendar
from streams.engine.ids import output_id
from streams.engine.places import Places
from streams.engine.predicates import Cell, Predicate, all_of, of_leaf
from streams.engine.segments import segment_leaf

if TYPE_CHECKING:
    from streams.engine.account import Account


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who takes accounts over."""

    territory: Predicate
    capacity: int
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Team:
    """Owners among whom accounts are shared out."""

    name: str
    place: int
    calendar: Calendar
    named_by: int | None
    """The trait that names the owner, and goes before all else."""
    owners: Mapping[str, Owner]

    @property
    def cells(self) -> frozenset[Cell]:
        """Touched, these can give an account another owner."""
        named = frozenset[Cell]() if self.named_by is None else frozenset[Cell]({("trait", self.named_by)})
        return named.union(*(owner.territory.rise for owner in self.owners.values()))

    def calendar_of(self, owner: str | None) -> Calendar:
        """When this owner is at work; for somebody from outside the team, when the team is."""
        known = self.owners.get(owner or "")
        return self.calendar if known is None else known.calendar


def compile_team(name: str, places: Places) -> Team:
    """Compile a declared team."""
    journey = places.journey
    source = journey.teams[name]
    calendars = {called: compile_calendar(calendar) for called, calendar in journey.calendars.items()}
    return Team(
        name=name,
        place=list(journey.teams).index(name),
        calendar=calendars[source.calendar],
        named_by=None if source.owner_trait is None else list(journey.traits).index(source.owner_trait),
        owners={
            called: Owner(_territory(owner, places), owner.capacity, calendars[owner.calendar or source.calendar])
            for called, owner in source.owners.items()
        },
    )


def named_owner(account: "Account", team: Team) -> str | None:
    """The owner that a trait of the account names."""
    named = None if team.named_by is None else account.trait(team.named_by)
    return named if isinstance(named, str) and named else None


def choose_owner(account: "Account", team: Team, rule: str, episode: int) -> str | None:
    """The owner named, else the one the account had, else one that is drawn; None if the account fits nobody."""
    named = named_owner(account, team)
    if named is not None:
        return named
    fitting = {name: owner.capacity for name, owner in team.owners.items() if owner.territory.holds(account)}
    held = account.rare.owners.get(team.place)
    if held in fitting:
        return held
    drawn = draw(account.id, rule, episode, fitting)
    if drawn is not None:
        account.rare.owners[team.place] = drawn
    return drawn


def draw(account: str, rule: str, episode: int, capacities: Mapping[str, int]) -> str | None:
    """Draw one of these owners, each by capacity; None if there is none."""
    lots = ((output_id(account, rule, episode, f"{name}\x1f{lot}"), name) for name in capacities
            for lot in range(capacities[name]))  # fmt: skip
    return min(lots, default=("", None))[1]


def _territory(owner: file.Owner, places: Places) -> Predicate:
    return all_of(() if owner.territory is None else (of_leaf(segment_leaf(owner.territory, places)),))
