"""Which accounts a user belongs to: joins and leaves in event time, as far as they are known.

A user may be a member of several accounts at once. An event that names no account belongs to the one joined last of
those not left by then; before all that is known, to the first one.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from schemas.state import Membership

FORGOTTEN = ""
"""Stands for an account that was forgotten: what belongs to it belongs to no other, and is dropped."""

MAX_MEMBERSHIPS = 100
"""Joins and leaves remembered for each user; past these the oldest goes, and its account takes the next one's start."""


def account_at(known: Sequence[Membership], at: int) -> str | None:
    """The account joined last, of those not left, at an instant; None where all have been left."""
    if not known:
        return None
    place = bisect_right(known, at, key=_since)
    if not place:
        return known[0].account
    if known[place - 1].joined:
        return known[place - 1].account
    return next(_not_left(known[:place]), None)


def accounts_at(known: Sequence[Membership], at: int, most: int) -> list[str]:
    """The accounts joined and not left at an instant, the one joined last first; of many the first of these."""
    return list(islice(_not_left(known[: bisect_right(known, at, key=_since)]), most))


def _not_left(facts: Sequence[Membership]) -> Iterator[str]:
    seen: set[str] = set()
    for fact in reversed(facts):
        if fact.joined and fact.account not in seen:
            yield fact.account
        seen.add(fact.account)


def learn(known: list[Membership], fact: Membership) -> bool:
    """Take in a join or a leave; True if it is news. Said again while it stands, it is not."""
    if fact in known:
        return False
    place = bisect_right(known, fact.since, key=_since)
    if place and _is_same(known[place - 1], fact):
        return False
    known.insert(place, fact)
    if place + 1 < len(known) and _is_same(known[place + 1], fact):
        del known[place + 1]  # the same, known from an earlier instant on
    if len(known) <= MAX_MEMBERSHIPS:
        return True
    return known.pop(0) is not fact


def learn_all(known: list[Membership], facts: Iterable[Membership]) -> bool:
    """Take in several; True if any is news."""
    news = [learn(known, fact) for fact in facts]
    return any(news)


def _since(fact: Membership) -> int:
    return fact.since


def _is_same(one: Membership, other: Membership) -> bool:
    return one.account == other.account and one.joined is other.joined
