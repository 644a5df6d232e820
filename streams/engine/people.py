"""Beside the path: what the users of an account say of themselves that decides when they may be contacted."""

from typing import TYPE_CHECKING

from schemas import journey as file
from schemas.state import Outreach, Person
from schemas.zones import zone_names
from streams.engine.event import Event
from streams.engine.ids import user_digest
from streams.engine.notes import Take
from streams.engine.objects import Json, parse_object
from streams.engine.rejection import Rejected

if TYPE_CHECKING:
    from streams.engine.account import Account

MAX_PEOPLE = 200
"""Users of one account of whom this is remembered; those not heard of longest go first, who opted out last."""

NOBODY = Person()


def person(outreach: Outreach, user: str | None) -> Person:
    """What is known of a user."""
    return outreach.people.get(user_digest(user), NOBODY) if user else NOBODY


def learners(source: file.Journey, event: str) -> tuple[Take, ...]:
    """What reads an event for it: identify calls, where the contact policy asks for traits of users."""
    contact = source.contact
    if contact is None or event != "$identify":
        return ()
    zone_in = contact.quiet_hours.timezone if contact.quiet_hours else None
    return (_learner(zone_in, contact.opt_out),) if zone_in or contact.opt_out else ()


def _learner(zone_in: str | None, opt_out: str | None) -> Take:
    def learn(account: "Account", event: Event) -> bool:
        traits = parse_object(event.members)
        if not isinstance(traits, Rejected) and (zone_in in traits or opt_out in traits):
            _remember(account.outreach, event, traits, zone_in, opt_out)
        return False

    return learn


def _remember(
    outreach: Outreach, event: Event, traits: dict[str, Json], zone_in: str | None, opt_out: str | None
) -> None:
    """Take what a call says unless a later one has been heard; what is not as it should be says nothing."""
    user = user_digest(event.user)
    known = outreach.people.get(user, NOBODY)
    if event.at < known.at:
        return
    zone, opted_out = traits.get(zone_in or "", known.zone), traits.get(opt_out or "", known.opted_out)
    outreach.people.pop(user, None)
    outreach.people[user] = Person(
        zone=zone if isinstance(zone, str) and zone in zone_names() else "" if zone is None else known.zone,
        opted_out=bool(opted_out) if isinstance(opted_out, bool | None) else known.opted_out,
        at=event.at,
    )
    if len(outreach.people) > MAX_PEOPLE:
        _forget(outreach)


def _forget(outreach: Outreach) -> None:
    people = outreach.people
    del people[next((user for user, one in people.items() if not one.opted_out), next(iter(people)))]
