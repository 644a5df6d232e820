"""Usage drops as conditions: what `drops` and `hours` say of the days and hours of one account.

A close of a day judges the days once, and the grade is kept until the next. The silence of a busy account becomes a
finding at an instant of its own, hours before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import journey as file
from schemas.spans import DAY_MS
from streams.engine.baselines import DAYS, Days
from streams.engine.drops import HISTORY_DAYS, Drop, Grade, find_drop, last_week
from streams.engine.hours import EMPTY, LEAST_MS, MIN_EVENTS, close_day, tells_at
from streams.engine.layout import Kind, Usage
from streams.engine.places import Places
from streams.engine.predicates import Cell, Finding, Leaf
from streams.engine.times import rfc3339

if TYPE_CHECKING:
    from streams.engine.account import Account
    from streams.engine.windows import Windows

HISTORY = 29
"""Closed days that tell whether the last of them was normal."""


def grade(windows: "Windows", usage: Usage, last_day: int, born_at: int) -> int:
    """How sure a drop is as of a closed day, as a `Grade`; 0 for none, or too little history.

    A day on which its source was dark tells nothing: what the day before told stands.
    """
    days = _days(windows, usage, last_day, born_at)
    drop = None if days is None else find_drop(days)
    return 0 if drop is None else drop.grade


def learn(windows: "Windows", usage: Usage, day: int, cells: list[int]) -> None:
    """Take the hours of a day that closes into the profile: the day itself need not keep them."""
    active, cells[usage.hours] = cells[usage.hours], 0
    if day in windows.sources.dark_days(usage.sources):
        return
    profile = windows.profiles.get(usage.hours, EMPTY)
    if cells[usage.counts] < MIN_EVENTS // 2 and profile is EMPTY:
        return
    learned = close_day(profile, day, windows.closed_days(usage.counts, day, HISTORY), active)
    if learned != EMPTY:
        windows.profiles[usage.hours] = learned


@dataclass(frozen=True, slots=True)
class _Watch:
    """One set of events that is watched: the place of its grade, of its columns, and of its latest event."""

    events: tuple[str, ...]
    place: int
    usage: Usage
    last: int

    def silent_from(self, account: "Account") -> int:
        """The instant from which silence is a finding, unless an event comes; 0 if it never is."""
        windows = account.windows
        profile = windows.profiles.get(self.usage.hours)
        if not profile:
            return 0
        return tells_at(profile, account.hot.last[self.last], windows.sources.missed(self.usage.sources))

    def is_silent(self, account: "Account") -> bool:
        """Whether hours in which something always happens have passed in silence. After a week its days tell more."""
        decided, last_at = account.hot.decided, account.hot.last[self.last]
        return decided // DAY_MS <= last_at // DAY_MS + 7 and 0 < self.silent_from(account) <= decided

    def silence(self, account: "Account") -> Finding:
        """What a silence is told by."""
        last_at, found_at = account.hot.last[self.last], self.silent_from(account)
        return {"outcome": "silent", "last_at": rfc3339(last_at), "until": rfc3339(found_at)}

    def week(self, account: "Account") -> Finding:
        """The drop, or the last week beside its baseline where there is none."""
        end, sources = account.hot.decided // DAY_MS, self.usage.sources
        if end - 1 in account.windows.sources.dark_days(sources):
            return {"outcome": "instrumentation_stopped", "sources": list(sources)}
        days = _days(account.windows, self.usage, end - 1, account.hot.born_at)
        drop = None if days is None else find_drop(days)
        shown = drop or (None if days is None else last_week(days))
        if shown is None:
            return {"outcome": "too_little_history" if days is None else "no_baseline"}
        return {"outcome": "usual" if drop is None else drop.grade.name.lower()} | _told(shown, end)


def usage_drop_leaf(drop: file.UsageDrop, places: Places) -> Leaf:
    """Holds while a drop is at least so sure; a warning, or a hint, also while a busy account is silent."""
    watch = _watch(drop.of, places)
    wanted, sees_hours = Grade[drop.grade.name], drop.grade is not file.DropGrade.CRITICAL

    def holds(account: "Account") -> bool:
        return account.windows.grade(watch.place) >= wanted or (sees_hours and watch.is_silent(account))

    def find(account: "Account") -> Finding:
        what: Finding = {"usage_drop": list(drop.of), "grade": drop.grade.value}
        if sees_hours and account.windows.grade(watch.place) < wanted and watch.is_silent(account):
            return what | watch.silence(account)
        return what | watch.week(account)

    def due(account: "Account") -> int:
        at = watch.silent_from(account)
        return at if at > account.hot.decided else 0

    if sees_hours and watch.usage.sources:
        places.awaiting_sources.append(due)
    cell = frozenset[Cell]({("last", watch.last)}) if sees_hours else frozenset[Cell]()
    return Leaf(holds, find, due=due if sees_hours else None, fall=cell, at_close=True)


def _watch(events: Sequence[str], places: Places) -> _Watch:
    usage = Usage(places.column(Kind.COUNT, events), places.column(Kind.HOURS, events), places.sources(events))
    places.keep(DAYS)
    last = places.last(events)
    places.silences[last] = min(LEAST_MS, places.silences.get(last, LEAST_MS))
    return _Watch(tuple(events), places.usage(usage), usage, last)


def _days(windows: "Windows", usage: Usage, last_day: int, born_at: int) -> Days | None:
    """The days up to the last one that tells anything; None with too little history.

    The day an account is born on is no whole one. A day on which a source was dark counts as a week before.
    """
    dark = windows.sources.dark_days(usage.sources)
    while last_day in dark:
        last_day -= 1
    known = last_day - born_at // DAY_MS
    if known < HISTORY_DAYS or not born_at:
        return None
    counts = windows.closed_days(usage.counts, last_day, DAYS)
    for day in dark:
        if 7 <= (place := DAYS - 1 - last_day + day) < DAYS:
            counts[place] = counts[place - 7]
    return Days(counts, min(known, DAYS))


def _told(drop: Drop, end: int) -> Finding:
    window = {"start": rfc3339((end - drop.days) * DAY_MS), "end": rfc3339(end * DAY_MS)}
    usual = drop.baseline
    return {
        "value": drop.value,
        "baseline": round(usual.events, 1),
        "weeks": usual.weeks,
        "evidence": round(drop.evidence, 1),
        "window": window,
    }
