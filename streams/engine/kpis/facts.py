"""What one account adds to the sums of the customer base, derived from what it says and how it stands.

A *fact* is a handful of numbers to be added, as of an instant, under the account's segments and cohort: so whatever
order the facts of different accounts come in, the sums are the same. A name that begins with `=` is a *level*: the
numbers under it are changes of how things stand (accounts, users, money), all others happen in a period.

No fact is dated before the watermark it was said at, so that a period the clock has passed is whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from schemas.spans import DAY_MS
from schemas.state import Opening, Standing
from streams.engine.kpis.declared import Kpis, Verdict
from streams.engine.kpis.figure import MILLION
from streams.engine.kpis.heard import told_by
from streams.engine.kpis.histogram import tally
from streams.engine.kpis.periods import Length, month_of, period
from streams.engine.outputs import (
    AlertChanged,
    AlertStatus,
    Fact,
    MilestoneReached,
    RenewalDecided,
    RevenueMoved,
    Said,
    SlaChanged,
    SlaGrade,
    SlaOutcome,
    StageChanged,
)

if TYPE_CHECKING:
    from streams.engine.account import Account

Counts = Mapping[str, int]
Sums = Iterable[tuple[str, int]]


def tell(account: "Account", said: Sequence[Said | Fact], closed_day: int | None) -> None:
    """Say the facts of what was just said of an account, of a day that was just closed, and of how it now stands."""
    kpis, books = account.journey.kpis, account.books
    if kpis is None or not account.hot.born_at:
        return
    if not said and closed_day is None and books.cohort and not _is_to_be_judged(account, kpis):
        return
    now = max(account.hot.at, account.hot.decided)
    segment = {name: account.segment[name] for name in kpis.dimensions}
    if not books.cohort:
        _begin(account, kpis, now, segment)
    for output in said:
        count = _COUNTS.get(type(output))
        if count is not None:
            _say(account, max(output.at, account.hot.decided), segment, dict(count(account, kpis, output)))
        if isinstance(output, RevenueMoved):
            _move(account, output, segment)
    _judge(account, kpis, now, segment)
    if closed_day is not None:
        at = (closed_day + 1) * DAY_MS - 1
        _say(account, at, segment, told_by(account, closed_day))
        books.used = _stand(account, books.used, Standing(segment, _usage(account, kpis)), at)
    books.stands = _stand(account, books.stands, Standing(segment, _standing(account)), now)


def leave(account: "Account", watermark: int) -> Iterator[Fact]:
    """Take back how an account stands, and name no one: it goes without a movement, as if it had not been."""
    books = account.books
    at = max(account.hot.at, account.hot.decided, watermark)
    for stood in (books.used, books.stands):
        if stood is not None and stood.counts:
            counts = {name: -count for name, count in stood.counts.items()}
            yield Fact("", at, books.cohort, stood.segment, counts)


def _say(account: "Account", at: int, segment: Mapping[str, str], counts: Counts) -> None:
    if counts:
        account.say(Fact(account.id, at, account.books.cohort, segment, counts))


def _begin(account: "Account", kpis: Kpis, now: int, segment: Mapping[str, str]) -> None:
    """Fix the cohort. An account first heard of long after it began signs up in no period, and is judged in none."""
    born_at, books = account.hot.born_at, account.books
    books.cohort = month_of(born_at)
    books.is_judged = born_at + kpis.judged_after_ms <= now
    books.is_activated = now - born_at >= DAY_MS and _is_activated(account, kpis)
    if now - born_at < DAY_MS:
        _say(account, now, segment, {"signed_up": 1})


def _left(account: "Account", kpis: Kpis, moved: StageChanged) -> Sums:
    """A move, and how long the account had stood where it left; one that is retracted is taken back now."""
    if moved.retracts is None:
        left, to, entered_at, left_at, sign = moved.from_stage, moved.to_stage, moved.entered_from_at, moved.at, 1
    else:
        left, to, entered_at, left_at, sign = (
            moved.to_stage, moved.from_stage, moved.returned_to_at, moved.entered_from_at, -1
        )  # fmt: skip
    yield f"left.{left}.{to}", sign
    for name, count in tally(f"stay.{left}", left_at - entered_at):
        yield name, sign * count
    if left == account.journey.stages[account.journey.initial]:
        yield "trials", sign
        yield "trials.activated", sign * _is_activated(account, kpis)


def _reached(account: "Account", _kpis: Kpis, reached: MilestoneReached) -> Sums:
    if reached.activation and not account.books.is_activated:
        account.books.is_activated = True
        yield from tally("ttv", max(0, reached.at - account.hot.born_at))


def _fired(_account: "Account", _kpis: Kpis, alert: AlertChanged) -> Sums:
    name = f"fired.{alert.rule.removeprefix('alerts.')}"
    if alert.status is AlertStatus.FIRING and not alert.is_again:
        yield name, 1
    elif alert.status is AlertStatus.RETRACTED:
        yield name, -1


def _answered(_account: "Account", _kpis: Kpis, sla: SlaChanged) -> Sums:
    """How long it took, and, once it is decided, whether the deadline was kept: by the answer, or by its breach."""
    step = sla.rule.rpartition(".")[2]
    is_answer = sla.outcome is SlaOutcome.ANSWERED
    if is_answer and sla.business_ms is not None:
        yield from tally(f"{step}.{sla.lead}", sla.business_ms)
    if (is_answer and sla.met) or (sla.status is AlertStatus.FIRING and sla.grade is SlaGrade.BREACH):
        # an answer that came late, and was in time, takes back a breach that was counted
        yield f"{step}_due.{sla.lead}", int(sla.status is not AlertStatus.RETRACTED)
        yield f"{step}_kept.{sla.lead}", int(is_answer)


def _revenue(_account: "Account", _kpis: Kpis, moved: RevenueMoved) -> Sums:
    yield f"moves.{moved.movement}", 1
    yield f"moved.{moved.movement}", abs(moved.after - moved.before)


def _renewed(_account: "Account", _kpis: Kpis, renewal: RenewalDecided) -> Sums:
    is_kept, forecast = int(renewal.outcome.is_kept), renewal.forecast
    yield "ended", 1
    yield "ended.mrr", renewal.before
    yield "kept", is_kept
    yield "kept.gross", min(renewal.before, renewal.after)
    yield "kept.net", renewal.after
    yield f"outcome.{renewal.outcome}", 1
    if forecast is not None:
        yield "forecast.n", 1
        yield "forecast.error", round(MILLION * (forecast.likelihood - is_kept) ** 2)
        yield "forecast.mrr.predicted", round(forecast.likelihood * forecast.mrr)
        yield "forecast.mrr.renewed", min(forecast.mrr, renewal.after)
        yield f"line.n.{forecast.name}", 1
        yield f"line.kept.{forecast.name}", is_kept


_COUNTS: Mapping[type, Callable[["Account", Kpis, Any], Sums]] = {
    StageChanged: _left,
    MilestoneReached: _reached,
    AlertChanged: _fired,
    RevenueMoved: _revenue,
    SlaChanged: _answered,
    RenewalDecided: _renewed,
}
"""What happens in a period, by what was said."""


def _move(account: "Account", moved: RevenueMoved, segment: Mapping[str, str]) -> None:
    """Compare with what the account paid as the day, the week and the month began, where it stood then."""
    books = account.books
    before = books.stands.segment if books.stands else dict(segment)
    for place, length in enumerate(Length):
        first = period(length, moved.at // DAY_MS).first
        if books.openings[place].first != first:
            books.openings[place] = Opening(first, moved.before, before)
        opening = books.openings[place]
        _say(account, moved.at, opening.segment, dict(_kept(length, opening.mrr, moved)))


def _kept(length: Length, opening: int, moved: RevenueMoved) -> Sums:
    """By how much a movement changes what is lost, gained and gone of what was paid at the opening."""
    if opening:
        yield f"lost.{length}", max(0, opening - moved.after) - max(0, opening - moved.before)
        yield f"grown.{length}", max(0, moved.after - opening) - max(0, moved.before - opening)
        yield f"gone.{length}", (moved.after == 0) - (moved.before == 0)


def _judge(account: "Account", kpis: Kpis, now: int, segment: Mapping[str, str]) -> None:
    """Once, so long after the account began: what of the journey's milestones it has reached by then."""
    if not _is_to_be_judged(account, kpis):
        return
    account.books.is_judged = True
    due_at = account.hot.born_at + kpis.judged_after_ms
    reached = sum(1 << place for place, at in account.rare.reached.items() if at <= due_at)
    _say(account, due_at if account.hot.decided == due_at else now, segment, dict(_verdicts(reached, kpis)))


def _is_to_be_judged(account: "Account", kpis: Kpis) -> bool:
    return not account.books.is_judged and account.hot.decided >= account.hot.born_at + kpis.judged_after_ms


def _is_activated(account: "Account", kpis: Kpis) -> bool:
    return bool(account.settled & kpis.verdicts.get(Verdict.ACTIVATED, 0))


def _verdicts(reached: int, kpis: Kpis) -> Sums:
    yield "judged", 1
    for verdict, wanted in kpis.verdicts.items():
        if reached & wanted:
            yield f"judged.{verdict}", 1
    for name, place in kpis.rated:
        if reached >> place & 1:
            yield f"judged.reached.{name}", 1
    for name, place in kpis.steps:  # a funnel: who passes over a step has not come to the next
        if not reached >> place & 1:
            break
        yield f"judged.step.{name}", 1


def _usage(account: "Account", kpis: Kpis) -> dict[str, int]:
    """The trailing windows as of the day just closed."""
    counts = {name: int(measure.closed(account) or 0) for name, measure in kpis.active}
    if kpis.depth is not None and (features := int(kpis.depth.closed(account) or 0)):
        counts |= {"=features": features, "=using": 1}
    return {name: value for name, value in counts.items() if value}


def _standing(account: "Account") -> dict[str, int]:
    counts = {"=accounts": 1, f"=stage.{account.journey.stages[account.hot.stage]}": 1}
    return counts | ({"=mrr": account.books.mrr, "=paying": 1} if account.books.mrr else {})


def _stand(account: "Account", before: Standing | None, now: Standing, at: int) -> Standing:
    """Say what has changed since it was last said; a move to another segment is a leaving and an arriving."""
    if before is not None and before.segment != now.segment:
        _say(account, at, before.segment, {name: -count for name, count in before.counts.items()})
        before = None
    was: Counts = before.counts if before else {}
    changes = {name: now.counts.get(name, 0) - was.get(name, 0) for name in {**was, **now.counts}}
    _say(account, at, now.segment, {name: change for name, change in changes.items() if change})
    return now
