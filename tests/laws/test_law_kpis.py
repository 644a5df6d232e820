"""The laws of KPIs: in whatever order accounts speak, and wherever a worker restarts, the figures are the same."""

import random
from collections import defaultdict

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.journey import Kpis
from schemas.spans import DAY_MS
from streams.engine.accounts import FollowPartition
from streams.engine.clock import Progress
from streams.engine.compiler import compile_journey
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.kpis.partition import KpiPartition
from streams.engine.message import Message
from streams.engine.outputs import Fact, FigureClosed, Output
from tests.driver import START
from tests.laws.streams import SOURCE, Sent, account_messages, streams

KPIS = Kpis.model_validate(
    {
        "judged_after": "9d",
        "steps": ["first_project", "third_report"],
        "qualified": "team",
        "paid": "busy_day",
        "active": {"daily": "makers", "weekly": "weekly_users", "monthly": "weekly_users"},
        "depth": "breadth",
    }
)
JOURNEY = compile_journey(SOURCE.model_copy(update={"kpis": KPIS}))


def followed(stream: list[Sent], *, parts: int = 1) -> list[tuple[int, list[Fact]]]:
    """What partitions of accounts say, tick by tick: the clock each time, and the facts before it."""
    partitions = [FollowPartition(JOURNEY) for _ in range(parts)]
    told: list[tuple[int, list[Fact]]] = []
    clock = 0
    for message in account_messages(stream):
        event = decode(message.value)
        assert isinstance(event, Event)
        clock = max(clock, event.arrived_at)
        outputs: list[Output] = []
        for partition in partitions:
            outputs += _at(partition, clock)
        outputs += partitions[sum(message.key or b"") % parts].receive([message])
        told.append((clock, [output for output in outputs if isinstance(output, Fact)]))
    return told


def _at(partition: FollowPartition, clock: int) -> list[Output]:
    partition.hear(Progress(1, {0: (clock, False)}))
    outputs: list[Output] = []
    while partition.is_due:
        outputs += partition.advance(3)
    return outputs


def partition(lateness_ms: int) -> KpiPartition:
    assert JOURNEY.kpis is not None
    return KpiPartition(JOURNEY.kpis, lateness_ms)


def figures(kpis: KpiPartition, clock: int) -> list[FigureClosed]:
    kpis.hear(Progress(1, {0: (clock, False)}))
    found: list[FigureClosed] = []
    while kpis.is_due:
        found += [output for output in kpis.advance(1) if isinstance(output, FigureClosed)]
    return found


def _end(told: list[tuple[int, list[Fact]]]) -> int:
    """A month after the last word, so that something of each length is closed."""
    return (told[-1][0] if told else START) + 32 * DAY_MS


def folded(told: list[tuple[int, list[Fact]]], shuffle: random.Random | None = None) -> list[FigureClosed]:
    """The figures of facts told between ticks, those between two ticks in any order."""
    kpis, found = partition(JOURNEY.lateness_ms), []
    for clock, facts in told:
        for fact in shuffle.sample(facts, len(facts)) if shuffle else facts:
            kpis.add(fact)
        found += figures(kpis, clock)
    return found + (figures(kpis, _end(told)) if told else [])


@settings(max_examples=25)
@given(streams(max_size=40))
def test_the_figures_depend_neither_on_partitions_nor_on_the_order_of_facts(stream: list[Sent]) -> None:
    whole = folded(followed(stream))
    assert folded(followed(stream, parts=3), random.Random(1)) == whole


@settings(max_examples=25)
@given(streams(max_size=40))
def test_no_fact_comes_from_within_a_day_that_the_clock_has_passed(stream: list[Sent]) -> None:
    passed = 0
    for clock, facts in followed(stream):
        assert all(fact.at // DAY_MS >= passed // DAY_MS for fact in facts)
        passed = max(passed, clock - JOURNEY.lateness_ms)


@settings(max_examples=25)
@given(streams(max_size=30), st.integers(0, 29))
def test_a_restart_between_any_two_facts_changes_no_figure(stream: list[Sent], cut: int) -> None:
    told = followed(stream)
    assume(told)
    kpis, found, log = partition(JOURNEY.lateness_ms), [], dict[bytes, bytes | None]()
    for number, (clock, facts) in enumerate(told):
        for fact in facts:
            kpis.add(fact)
        found += figures(kpis, clock)
        if number % 30 == cut:
            log |= dict(kpis.changes())
            kpis = partition(JOURNEY.lateness_ms)
            for key, value in log.items():
                kpis.load(key, value)
            kpis.ready()
    assert found + figures(kpis, _end(told)) == folded(told)


@settings(max_examples=25)
@given(streams(max_size=40))
def test_levels_are_what_the_accounts_stand_at_and_never_below_nothing(stream: list[Sent]) -> None:
    """Every level over all accounts is the sum of the levels of each cohort, and of each segment of a dimension."""
    closed: dict[tuple[str, str | None, int], dict[str, int]] = defaultdict(dict)
    for figure in folded(followed(stream)):
        if figure.length == "day" and figure.kpi in ("accounts_in_stage", "mrr", "wau", "paying_accounts"):
            closed[figure.kpi, figure.of, figure.end_at][figure.cut] = figure.numerator
    for cuts in closed.values():
        assert min(cuts.values()) >= 0
        assert sum(value for cut, value in cuts.items() if cut.startswith("@")) == cuts[""]


def test_a_fact_survives_its_wire_form() -> None:
    fact = Fact("acme", 1_767_571_200_000, 24312, {"tier": "team"}, {"=mrr": -5, "signed_up": 1})
    kpis = partition(0)
    assert list(kpis.receive([Message(b"acme", msgspec.msgpack.encode(fact), None, 0)])) == []
    assert kpis._days[fact.at // DAY_MS].of("tier=team") == {"=mrr": -5, "signed_up": 1}
