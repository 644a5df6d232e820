"""The law *in time*: whatever short way a deadline was kept by, none stands later than where all are found anew."""

from random import Random

import pytest

from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from streams.engine.account import Account
from streams.engine.compiled import Journey
from streams.engine.compiler import compile_journey
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.timetable import reschedule
from tests.driver import START, journey
from tests.laws.seeded import life
from tests.laws.streams import JOURNEY

FEW = compile_journey(
    journey(
        """
        events: {Report Viewed: , Project Created: }
        measures: {reports_7d: {count: Report Viewed, over: 7d}}
        drivers:
          unanswered: {risk: 0.3, when: {absent: {event: Project Created, after: Report Viewed, within: 36h}}}
          idle: {risk: 0.2, when: {silent: {for: 3d}}}
        stages: {known: {initial: true}}
        """
    )
)
"""Drivers alone ask about time here, and no alert."""


@pytest.mark.parametrize("of", [JOURNEY, FEW])
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("gaps_ms", [[MINUTE_MS, HOUR_MS], [HOUR_MS, 5 * HOUR_MS, DAY_MS]])
def test_no_deadline_stands_later_than_it_would_be_found(of: Journey, seed: int, gaps_ms: list[int]) -> None:
    account = Account.begin(of, "acme")
    for value in life(Random(seed), 1_000, gaps_ms=gaps_ms):
        event = decode(value)
        assert isinstance(event, Event)
        account.receive(event)
        hold_in_time(account)
    while account.due_at is not None and account.due_at < START + 400 * DAY_MS:
        account.advance(account.due_at)
        hold_in_time(account)


def hold_in_time(account: Account) -> None:
    hot = account.hot
    timed_at, due = hot.timed_at, hot.due
    reschedule(account)
    assert timed_at <= hot.timed_at
    assert due <= hot.due
    hot.timed_at, hot.due = timed_at, due
