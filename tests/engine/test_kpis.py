"""KPIs: what accounts add up to, period by period and cut by cut."""

import msgspec
import pytest

from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from streams.engine.kpis.histogram import EDGES, quantile, tally
from streams.engine.kpis.partition import KpiPartition
from streams.engine.kpis.periods import Length, month_of, period
from streams.engine.message import Message
from streams.engine.outputs import DeadLetter, Fact, FigureClosed
from tests.driver import START, Product, day, journey

JOURNEY = """
traits: {mrr: number, plan: text, region: text}
segments: {tier: {trait: plan, values: [team, pro]}, region: {trait: region}}
revenue: {mrr: mrr, lost: churned}
measures:
  dau: {users: any, over: 1d}
  wau: {users: any, over: 7d}
  mau: {users: any, over: 30d}
  breadth: {features: any, over: 28d}
milestones:
  project: {when: {did: Project Created}, activation: true}
  report: {when: {did: Report Viewed}}
  export: {when: {did: Export Run}}
stages:
  trial: {initial: true}
  active: {from: trial, enter: {reached: project}}
  churned: {from: any, enter: {did: Cancelled}}
alerts:
  quiet: {kind: risk, severity: info, when: {silent: {for: 3d}}}
kpis:
  judged_after: 10d
  steps: [project, report, export]
  qualified: report
  paid: export
  active: {daily: dau, weekly: wau, monthly: mau}
  depth: breadth
"""
MARCH = 85
"""A day of April, counted from START: by then the first three months of 2026 are closed."""


def partition() -> KpiPartition:
    """Of that journey, where nothing is late."""
    kpis = Product(journey(JOURNEY)).journey.kpis
    assert kpis is not None
    return KpiPartition(kpis, 0)


@pytest.fixture
def the() -> Product:
    return Product(journey(JOURNEY))


def test_a_period_is_closed_once_the_clock_has_passed_it_by_the_allowed_lateness(the: Product) -> None:
    the.account("acme").does("Signed Up")
    the.ticks(day(1) + HOUR_MS - 1)
    assert the.figures("signed_up", "day") == []
    the.ticks(day(1) + HOUR_MS)
    assert the.figures("signed_up", "day") == [(None, 1)]
    the.ticks(day(7) + HOUR_MS)
    assert the.figures("signed_up", "week") == [(None, 1)]
    assert the.figures("signed_up") == []


def test_stages_are_counted_where_accounts_stand_and_where_they_went(the: Product) -> None:
    the.account("acme").does("Signed Up").passes(days=2).does("Project Created")
    the.account("globex").does("Signed Up").passes(days=1).does("Cancelled")
    the.account("initech").does("Signed Up")
    the.passes(days=MARCH)
    assert the.figures("accounts_in_stage")[:3] == [("active", 1), ("churned", 1), ("trial", 1)]
    assert the.figures("stage_conversion") == [("trial>active", 0.5), ("trial>churned", 0.5)]
    assert the.figures("trial_to_activation") == [(None, 0.5)]
    assert the.figures("time_in_stage") == [("trial", 1.5 * 86_400)]
    assert the.figures("time_to_value") == [(None, 2 * 86_400)]


def test_what_is_retracted_is_counted_no_more() -> None:
    the = Product(journey(JOURNEY.replace("enter: {did: Cancelled}", "enter: {silent: {for: 5d}}")))
    acme = the.account("acme").does("Signed Up").passes(days=7).does("Report Viewed", days_ago=4.5)
    assert acme.path == ["trial", "churned", "trial"]
    acme.works(days=30).does("Project Created").passes(days=3)
    the.ticks(day(MARCH))
    assert the.figures("stage_conversion")[:2] == [("active>churned", 1), ("trial>active", 1)]
    assert ("trial", 37 * 86_400) in the.figures("time_in_stage")


def test_accounts_are_judged_once_so_long_after_they_began(the: Product) -> None:
    the.account("acme").does("Project Created").does("Report Viewed").does("Export Run")
    the.account("globex").does("Project Created").does("Export Run").passes(days=11).does("Report Viewed")
    the.account("initech").does("Signed Up").passes(days=MARCH)
    assert the.figures("activation_rate") == [(None, 2 / 3)]
    assert the.figures("pql_rate") == [(None, 1 / 3)]
    assert the.figures("conversion_to_paid") == [(None, 2 / 3)]
    assert the.figures("milestone_rate") == [("export", 2 / 3), ("project", 2 / 3), ("report", 1 / 3)]
    assert the.figures("onboarding_step") == [("export", 1 / 3), ("project", 2 / 3), ("report", 1 / 3)]
    assert the.figures("activation_rate", "day") == [(None, 1), (None, 0)]


def test_an_account_first_heard_of_long_after_it_began_signs_up_and_is_judged_in_no_period(the: Product) -> None:
    the.passes(days=60).account("acme").does("Project Created", days_ago=40).passes(days=60)
    assert the.figures("signed_up") == []
    assert the.figures("activation_rate") == []
    assert the.figures("accounts_in_stage")


def test_active_users_are_added_up_over_accounts_and_days(the: Product) -> None:
    the.account("acme").works(days=7, by=["ann", "bob"])
    the.account("globex").does("Signed Up", by="cyd").passes(days=MARCH)
    assert the.figures("dau", "week")[:2] == [(None, 14 / 7), (None, 1 / 7)]
    assert the.figures("wau", "week")[:2] == [(None, 2), (None, 1)]
    assert the.figures("mau", "week")[1] == (None, 3)
    assert the.figures("stickiness", "day")[:2] == [(None, 1), (None, 1)]
    assert the.figures("weekly_stickiness", "week")[0] == (None, 1)


def test_adoption_depth_is_the_features_used_by_an_account_that_uses_any(the: Product) -> None:
    the.account("acme").does("Project Created").does("Report Viewed").does("Export Run")
    the.account("globex").does("Report Viewed")
    the.account("initech").does("Signed Up").passes(days=2)
    assert the.figures("adoption_depth", "day") == [(None, 2)]


def test_revenue_retention_compares_each_account_with_itself_as_the_period_opened(the: Product) -> None:
    acme, globex, initech, newcomer = (the.account(name) for name in ("acme", "globex", "initech", "newcomer"))
    acme.has(mrr=1_000), globex.has(mrr=1_000), initech.has(mrr=1_000)
    the.passes(days=30)  # February
    acme.has(mrr=3_000).passes(days=2).has(mrr=2_500)
    globex.has(mrr=200).passes(days=2).has(mrr=600)
    initech.has(mrr=0)
    newcomer.has(mrr=5_000).has(mrr=1_000)
    the.passes(days=40)
    assert the.figures("grr") == [(None, (1_000 + 600) / 3_000)]
    assert the.figures("nrr") == [(None, (2_500 + 600) / 3_000)]
    assert the.figures("customer_churn") == [(None, 1 / 3)]
    assert the.figures("mrr") == [(None, 3_000), (None, 2_500 + 600 + 1_000)]
    assert dict(the.figures("mrr_movement")[1:]) == {
        "churn": 1_000, "contraction": 500 + 800 + 4_000, "expansion": 2_000 + 400, "new": 5_000
    }  # fmt: skip


def test_who_churns_and_comes_back_within_the_period_is_not_lost_to_it(the: Product) -> None:
    acme = the.account("acme").has(mrr=1_000)
    the.passes(days=30)
    acme.has(mrr=0).passes(days=3).has(mrr=900).passes(days=40)
    assert the.figures("grr") == [(None, 0.9)]
    assert the.figures("customer_churn") == [(None, 0)]


def test_figures_are_cut_by_cohort_and_by_segments_with_listed_values_only(the: Product) -> None:
    the.account("acme").has(plan="team", region="emea").does("Signed Up")
    the.account("globex").has(plan="mystery").does("Signed Up").passes(days=40)
    the.account("initech").does("Signed Up").passes(days=50)
    assert {output.cut for output in the.outputs if isinstance(output, FigureClosed)} == {
        "", "@2026-01", "@2026-02", "tier=team", "tier=other", "tier=unknown"
    }  # fmt: skip
    assert the.figures("accounts_in_stage", cut="@2026-01") == [("trial", 2)] * 3
    assert the.figures("signed_up", cut="tier=team") == [(None, 1)]


def test_an_account_that_changes_its_segment_stands_in_the_new_one_and_is_retained_in_the_old(the: Product) -> None:
    acme = the.account("acme").has(plan="team", mrr=1_000).works(days=3)
    the.passes(days=27)
    acme.has(plan="pro", mrr=4_000).works(days=2).passes(days=40)
    assert the.figures("mrr", cut="tier=team") == [(None, 1_000)]
    assert the.figures("mrr", cut="tier=pro") == [(None, 4_000)]
    assert the.figures("nrr", cut="tier=team") == [(None, 4)]
    assert the.figures("mau", "week", cut="tier=team")[-1] == (None, 1)
    assert the.figures("mau", "week", cut="tier=pro") == [(None, 1)] * 4


def test_no_level_ever_falls_below_nothing_though_segments_change_around_midnight(the: Product) -> None:
    acme = the.account("acme").has(plan="team", mrr=1_000).works(days=2)
    acme.passes(minutes=30).does("Project Created").passes(minutes=10).has(plan="pro").passes(days=1).does("Cancelled")
    the.passes(days=20)
    closed = [output for output in the.outputs if isinstance(output, FigureClosed)]
    assert [figure for figure in closed if figure.numerator < 0] == []
    assert the.figures("accounts_in_stage", "day", "tier=team") == [("trial", 1), ("trial", 1)]


def test_how_often_each_alert_fired_is_counted_and_its_end_is_not(the: Product) -> None:
    the.account("acme").does("Signed Up").passes(days=4).does("Signed Up").passes(days=4)
    the.passes(days=20)
    assert the.figures("alerts_fired", "week") == [("quiet", 1), ("quiet", 1)]


def test_ids_differ_between_all_figures_and_are_the_same_in_another_run(the: Product) -> None:
    other = Product(the.source)
    for product in (the, other):
        product.account("acme").has(plan="team", mrr=5).does("Project Created").passes(days=MARCH)
    ids = [output.id for output in the.outputs if isinstance(output, FigureClosed)]
    assert len(set(ids)) == len(ids) > 100
    assert ids == [output.id for output in other.outputs if isinstance(output, FigureClosed)]


def test_a_journey_without_kpis_tells_no_facts_and_no_figures() -> None:
    product = Product(journey("milestones: {project: {when: {did: Project Created}, activation: true}}"))
    product.account("acme").does("Project Created").passes(days=90)
    assert [output for output in product.outputs if isinstance(output, Fact | FigureClosed)] == []
    assert product.pipeline.follow.account(b"acme").hot.books == msgspec.Raw(b"\x90")  # type: ignore[union-attr]


def test_of_verdicts_that_the_journey_does_not_give_there_are_no_shares() -> None:
    of_verdicts = {"activation_rate", "pql_rate", "conversion_to_paid", "trial_to_activation"}
    bare = JOURNEY.replace(", activation: true", "").replace("  qualified: report\n  paid: export\n", "")
    for content, expected in ((JOURNEY, of_verdicts), (bare, set())):
        product = Product(journey(content))
        product.account("acme").does("Signed Up").does("Project Created").passes(days=40)
        told = {output.kpi for output in product.outputs if isinstance(output, FigureClosed)}
        assert told & of_verdicts == expected
        assert "milestone_rate" in told


def test_cohorts_older_than_three_years_are_one() -> None:
    kpis = partition()
    for months_ago, account in ((0, "young"), (35, "old"), (36, "older"), (800, "oldest")):
        kpis.add(Fact(account, START, month_of(START) - months_ago, {}, {"=accounts": 1, "=stage.trial": 1}))
    kpis.add(Fact("later", START + 60 * DAY_MS, month_of(START), {}, {"=accounts": 1}))
    figures = closed_by(kpis, START + 61 * DAY_MS)
    cuts = {f.cut: f.value for f in figures if f.kpi == "accounts_in_stage" and f.end_at == START + DAY_MS}
    assert cuts == {"": 4, "@2026-01": 1, "@2023-02": 1, "@earlier": 2}
    last = {f.cut: f.value for f in figures if f.kpi == "accounts_in_stage" and f.end_at == START + 61 * DAY_MS}
    assert last == {"": 4, "@2026-01": 1, "@earlier": 3}


def closed_by(kpis: KpiPartition, clock: int) -> list[FigureClosed]:
    kpis._clock.state.clock = clock
    figures: list[FigureClosed] = []
    while kpis.is_due:
        figures += [figure for figure in kpis.advance(1) if isinstance(figure, FigureClosed)]
    return figures


def test_a_fact_is_taken_once_and_a_record_that_is_none_is_a_dead_letter() -> None:
    kpis = partition()
    fact = msgspec.msgpack.encode(Fact("acme", START, month_of(START), {}, {"signed_up": 1}))
    taken = [Message(b"acme", fact, None, 0), Message(b"acme", fact, None, 0), Message(b"x", b"nonsense", None, 1)]
    [letter] = kpis.receive(taken)
    assert isinstance(letter, DeadLetter)
    assert letter.reason == "bad_fact"
    assert [f.value for f in closed_by(kpis, START + DAY_MS) if f.kpi == "signed_up" and not f.cut] == [1]


def test_open_periods_are_seen_as_they_stand() -> None:
    product = Product(journey(JOURNEY))
    product.account("acme").does("Project Created").passes(days=2)
    product.account("globex").does("Signed Up")
    assert product.pipeline.kpis is not None
    running = {(kpi, of, length): value for kpi, of, length, value in product.pipeline.kpis.running()}
    assert running["signed_up", "", "day"] == 1
    assert running["signed_up", "", "month"] == 2
    assert running["accounts_in_stage", "trial", "month"] == 1
    assert running["accounts_in_stage", "active", "week"] == 1


@pytest.mark.parametrize(
    ("length", "on", "first", "end"),
    [
        (Length.DAY, START, START, START + DAY_MS),
        (Length.WEEK, START + 6 * DAY_MS, START, START + 7 * DAY_MS),
        (Length.MONTH, START, START - 4 * DAY_MS, START + 27 * DAY_MS),
        (Length.MONTH, START - 5 * DAY_MS, START - 35 * DAY_MS, START - 4 * DAY_MS),
    ],
)
def test_periods_are_utc_days_iso_weeks_and_months(length: Length, on: int, first: int, end: int) -> None:
    found = period(length, on // DAY_MS)
    assert (found.start_at, found.end_at) == (first, end)


@pytest.mark.parametrize("span", [0, 1, MINUTE_MS, MINUTE_MS + 1, 3 * HOUR_MS, 17 * DAY_MS, 900 * DAY_MS])
def test_a_quantile_is_at_most_a_quarter_too_long_and_never_too_short(span: int) -> None:
    found = quantile(dict(tally("x", span)), "x", 0.5)
    assert found is not None
    assert span / 1000 <= found <= max(60, span / 1000 * 1.25)


def test_what_is_longer_than_the_last_bucket_is_told_as_its_end() -> None:
    assert quantile(dict(tally("x", EDGES[-1] * 9)), "x", 0.9) == EDGES[-1] / 1000


HANDED = """
events: {Signed Up: , Called: {source: crm}, Met: {source: crm}}
calendars: {office: {zone: Europe/Berlin, hours: "09:00-17:00", days: [mon, tue, wed, thu, fri]}}
teams: {sales: {calendar: office, owners: {ann: {}}}}
alerts:
  ready:
    kind: handoff
    severity: info
    when: {did: {event: Signed Up, within: 30d}}
    handoff: {lead: pql, team: sales, respond: {by: Called, within: 4bh}, next_step: {by: Met, within: 16bh}}
kpis: {}
"""


def test_answers_to_handoffs_are_timed_and_held_to_their_deadlines() -> None:
    the = Product(journey(HANDED))
    the.passes(hours=9)  # ten in Berlin
    acme, globex = the.account("acme").does("Signed Up"), the.account("globex").does("Signed Up")
    the.passes(hours=2)
    acme.does("Called")
    the.passes(days=1)
    globex.does("Called")
    acme.does("Met")
    the.passes(days=28)
    assert the.figures("speed_to_contact") == [("pql", (2 + 10) / 2 * 3_600)]
    assert the.figures("response_in_time") == [("pql", 1 / 2)]
    assert the.figures("next_step_completion") == [("pql", 1 / 2)]


SERVICE = """
events: {Signed Up: , Opened: {source: support}, Closed: {source: support}, Rated: {source: feedback}}
measures:
  open: {open: {opened: Opened, closed: Closed, by: ticket}}
  resolution: {resolution: open, over: 28d}
  nps: {last: {event: Rated, property: score}, over: 90d}
  csat: {mean: {event: Rated, property: score}, over: 28d}
kpis: {resolution: resolution, nps: nps, csat: csat}
"""


def test_tickets_closed_in_a_period_are_timed_however_late_that_is_told() -> None:
    the = Product(journey(SERVICE))
    acme, globex = the.account("acme").does("Signed Up"), the.account("globex").does("Signed Up")
    acme.does("Opened", properties={"ticket": 1}).passes(hours=2).does("Closed", properties={"ticket": 1})
    globex.does("Opened", properties={"ticket": 1}).passes(days=3)
    globex.does("Closed", properties={"ticket": 1}, days_ago=2)
    the.passes(days=30)
    assert the.figures("resolution_time", "month") == [(None, (2 + 24) / 2 * 3_600)]
    assert the.figures("resolution_time", "day") == [(None, 2 * 3_600), (None, 24 * 3_600)]


def test_what_customers_answer_is_counted_once_in_the_period_of_the_answer() -> None:
    the = Product(journey(SERVICE))
    acme = the.account("acme").does("Signed Up")
    for score in (10, 9, 8, 3):
        acme.does("Rated", properties={"score": score})
    the.redelivers(the.sent[-1])
    acme.does("Rated", properties={"score": "none"}).passes(days=31)
    acme.does("Rated", properties={"score": 6}).passes(days=40)
    assert the.figures("nps") == [(None, 25), (None, -100)]
    assert the.figures("csat") == [(None, 7.5), (None, 6)]


def test_an_answer_after_midnight_is_of_its_own_day_though_the_day_before_is_open_yet() -> None:
    the = Product(journey(SERVICE))
    the.account("acme").does("Signed Up").passes(days=1, minutes=10).does("Rated", properties={"score": 10})
    the.passes(days=5)
    closed = [f for f in the.outputs if isinstance(f, FigureClosed) and f.kpi == "nps" and f.length == "day"]
    assert {f.start_at for f in closed} == {day(1)}


RENEWALS = """
traits: {mrr: number, ends_at: date, plan: text}
segments: {tier: {trait: plan, values: [team]}}
revenue: mrr
events: {Signed Up: , Report Viewed: , Renewed: {source: billing}}
renewal:
  ends: ends_at
  renewed: Renewed
  forecast_before: 30d
  grace: 5d
  forecast: {team: {likelihood: 0.9, when: {segment: {tier: team}}}, others: {likelihood: 0.5}}
kpis: {}
"""


def test_renewals_are_counted_weighed_and_held_against_their_forecast() -> None:
    the = Product(journey(RENEWALS))
    lives = {
        "a": ("team", 1_000, 1_500),
        "b": ("team", 2_000, 1_600),
        "c": ("free", 400, 400),
        "d": ("free", 600, None),
    }
    for name, (plan, mrr, _) in lives.items():
        the.account(name).has(plan=plan, mrr=mrr, ends_at="2026-02-20")
    the.passes(days=40)
    for name, (_, _, renewed) in lives.items():
        if renewed is not None:
            the.account(name).does("Renewed").has(mrr=renewed, ends_at="2027-02-20")
    the.passes(days=20)
    assert the.figures("renewals") == [("contracted", 1), ("expanded", 1), ("lapsed", 1), ("renewed", 1)]
    assert the.figures("renewal_rate") == [(None, 3 / 4)]
    assert the.figures("gross_renewal_rate") == [(None, (1_000 + 1_600 + 400) / 4_000)]
    assert the.figures("net_renewal_rate") == [(None, (1_500 + 1_600 + 400) / 4_000)]
    assert the.figures("renewal_forecast") == [("predicted", 900 + 1_800 + 200 + 300), ("renewed", 3_000)]
    assert the.figures("forecast_accuracy") == [(None, 3_000 / 3_200)]
    [(_, brier)] = the.figures("forecast_brier")
    assert brier == pytest.approx((0.01 + 0.01 + 0.25 + 0.25) / 4)
    assert the.figures("renewed_as_forecast") == [("others", 0.5), ("team", 1)]
    assert the.figures("renewal_rate", cut="tier=team") == [(None, 1)]
