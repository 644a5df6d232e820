"""The law of the windows: every reading is what counting all events again would give; and the law *shuffle*."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.spans import DAY_MS
from streams.engine.account import Account
from streams.engine.event import Event
from streams.engine.measures import told
from streams.engine.outputs import AccountUpdated, Duplicate, Fact, Heard, Late, Said
from streams.engine.rejection import Rejected
from streams.engine.times import rfc3339
from tests.laws.model import SlowWindows, is_modelled
from tests.laws.streams import END, JOURNEY, LATENESS_MS, ON_TIME_MS, SOURCE, Sent, streams

MODELLED = {name for name, measure in SOURCE.measures.items() if is_modelled(measure)}


def new_account() -> Account:
    return Account.begin(JOURNEY, "acme")


def readings(account: Account) -> dict[str, float | None]:
    return {name: measure.read(account) for name, measure in JOURNEY.measures if name in MODELLED}


def closed_readings(account: Account) -> dict[str, float | None]:
    return {name: measure.closed(account) for name, measure in JOURNEY.measures if name in MODELLED}


def instants(account: Account, watermark: int) -> Iterator[tuple[int, Sequence[Said | Fact]]]:
    """Let time pass up to a watermark, one deadline at a time."""
    while account.due_at is not None and account.due_at <= watermark:
        instant = account.due_at
        yield instant, account.advance(instant)
    said = account.advance(watermark)
    yield account.hot.decided, said


def was_counted(outputs: Sequence[Said | Fact | Heard]) -> bool:
    return not any(isinstance(output, Rejected | Duplicate) for output in outputs)


@pytest.mark.long
@settings(max_examples=100, deadline=None)
@given(stream=streams(accounts=1, max_size=80), restores=st.booleans())
def test_every_reading_is_what_counting_all_events_again_would_give(stream: list[Sent], *, restores: bool) -> None:
    account, slow, cold = new_account(), SlowWindows(SOURCE, JOURNEY.layout.days), None
    for sent in stream:
        event = sent.event
        _pass_time(account, slow, event.arrived_at - LATENESS_MS)
        _take(account, slow, event)
        if restores:
            account, cold = _restored(account, cold)
            assert readings(account) == slow.readings(account.hot.decided)
    _pass_time(account, slow, END)
    assert not any(readings(account).values())


def _restored(account: Account, cold: bytes | None) -> tuple[Account, bytes | None]:
    """The account as it comes back from its snapshot; a cold part that has not changed is not written again."""
    snapshot = account.snapshot()
    cold = cold if snapshot.cold is None else snapshot.cold
    return Account.restore(JOURNEY, account.id, snapshot.hot, cold), cold


def _pass_time(account: Account, slow: SlowWindows, watermark: int) -> None:
    for instant, said in instants(account, watermark):
        assert closed_readings(account) == slow.closed_readings(instant)
        _compare_told(said, slow.readings(instant))


def _take(account: Account, slow: SlowWindows, event: Event) -> None:
    outputs = account.receive(event)
    decided = account.hot.decided
    if was_counted(outputs):
        is_folded = slow.count(event, decided)
        late = [output for output in outputs if isinstance(output, Late)]
        assert [output.folded for output in late] == [is_folded] * len(late)
    assert readings(account) == slow.readings(decided)
    assert closed_readings(account) == slow.closed_readings(decided)
    _compare_told(outputs, slow.readings(decided))


def _compare_told(
    outputs: Sequence[Said | Fact] | Sequence[Said | Fact | Heard], expected: dict[str, float | None]
) -> None:
    for output in outputs:
        if isinstance(output, AccountUpdated):
            known = {name: told(value) for name, value in expected.items() if value is not None}
            assert {name: value for name, value in output.measures.items() if name in MODELLED} == known


@pytest.mark.long
@settings(max_examples=100, deadline=None)
@given(stream=streams(accounts=1, delays=st.sampled_from(ON_TIME_MS), redelivered=False), data=st.data())
def test_order_within_the_allowed_lateness_does_not_change_what_closed_windows_say(
    stream: list[Sent], data: st.DataObject
) -> None:
    in_order = _arrive(stream, [0] * len(stream))
    delays_ms = data.draw(st.lists(st.sampled_from(ON_TIME_MS), min_size=len(stream), max_size=len(stream)))
    assert _closings(_arrive(stream, delays_ms)) == _closings(in_order)


def _arrive(stream: list[Sent], delays_ms: list[int]) -> list[Sent]:
    """The same happenings, each on its way for as long as said."""
    arrivals = [
        Sent(sent.at, sent.at + delay_ms, sent.call | {"receivedAt": rfc3339(sent.at + delay_ms)})
        for sent, delay_ms in zip(stream, delays_ms, strict=True)
    ]
    return sorted(arrivals, key=lambda sent: sent.arrived_at)


OF_DAYS = {
    name
    for name, measure in SOURCE.measures.items()
    if measure.kind not in ("last", "personas", "session_time") and measure.persona is None
}
"""What is read from days alone. Who somebody is, and what was told last, is asked as of now."""


def _closings(stream: list[Sent]) -> list[dict[str, float | None]]:
    """What windows say as each day closes."""
    account, arriving, closings = new_account(), iter(stream), []
    sent = next(arriving, None)
    first, last = (edge(event.at for event in stream) // DAY_MS for edge in (min, max))
    for day in range(first, last + JOURNEY.layout.days + 2):
        while sent is not None and sent.arrived_at - LATENESS_MS < day * DAY_MS:
            account.receive(sent.event)
            sent = next(arriving, None)
        account.advance(day * DAY_MS)
        closings.append({name: value for name, value in closed_readings(account).items() if name in OF_DAYS})
    return closings
