"""Names in teams and handoffs that must fit together: what refers to something, and whether it is there and suits."""

from collections.abc import Mapping

from schemas.faults import Path, meant
from schemas.journey import Handoff, Owner, Team, TraitKind
from schemas.references import Found, Names, declared, names_of, section, trait_of, unfit_events, valid
from schemas.segment_names import unfit_segment
from schemas.spans import format_span


def unfit_handoffs(data: Mapping[str, object]) -> Found:
    """Every name in teams and handoffs that is not declared, or is not what the place calls for."""
    names = names_of(data)
    calendars, teams = section(data, "calendars"), section(data, "teams")
    for name, raw in teams.items():
        yield from _team(names, ("teams", name), raw, calendars)
    for name, rule in section(data, "alerts").items():
        handoff = valid(Handoff, section(rule, "handoff")) if isinstance(rule, dict) and "handoff" in rule else None
        if handoff is not None:
            yield from _handoff(names, ("alerts", name, "handoff"), handoff, teams)


def _team(names: Names, path: Path, raw: object, calendars: Mapping[str, object]) -> Found:
    team = valid(Team, raw)
    if team is not None:
        yield from declared("calendar", team.calendar, calendars, (*path, "calendar"))
        if team.owner_trait is not None:
            yield from trait_of(names, (*path, "owner_trait"), team.owner_trait, TraitKind.TEXT)
        for name, owner in team.owners.items():
            yield from _owner(names, (*path, "owners", name), owner, calendars)


def _owner(names: Names, path: Path, owner: Owner, calendars: Mapping[str, object]) -> Found:
    if owner.calendar is not None:
        yield from declared("calendar", owner.calendar, calendars, (*path, "calendar"))
    if owner.territory is not None:
        yield from unfit_segment(names, (*path, "territory"), owner.territory)


def _handoff(names: Names, path: Path, handoff: Handoff, teams: Mapping[str, object]) -> Found:
    if handoff.team not in teams:
        remedy = meant(handoff.team, teams, "declare it under teams")
        yield (*path, "team"), f"there is no team '{handoff.team}'; {remedy}"
    for step in ("respond", "next_step"):
        answer = getattr(handoff, step)
        if answer is not None:
            yield from unfit_events(names, (*path, step, "by"), answer.by)
    for place, measure in enumerate(handoff.intent):
        yield from declared("measure", measure, names.measures, (*path, "intent", place))
    for place, milestone in enumerate(handoff.blockers):
        yield from declared("milestone", milestone, names.milestones, (*path, "blockers", place))
    yield from _tellable(names, path, handoff)


def _tellable(names: Names, path: Path, handoff: Handoff) -> Found:
    """A reminder is told after the allowed lateness, as every deadline is: there must be time left then."""
    if handoff.remind_before is not None and handoff.remind_before <= names.allowed_lateness:
        least = format_span(names.allowed_lateness)
        yield (
            (*path, "remind_before"),
            f"it is told after allowed_lateness ('{least}'), when the deadline has passed; write more than that",
        )
