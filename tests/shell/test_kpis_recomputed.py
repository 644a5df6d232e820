"""The KPIs, computed a second time and otherwise: in SQL, over what the demo's customers sent and a replay wrote.

Over all accounts, over one cohort, and over one segment: there, of what records say that carry it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import duckdb
import orjson
import pytest

from schemas.journey import Source
from schemas.reading import read_journey
from schemas.spans import DAY_MS, HOUR_MS
from streams.demo.messages import FIRST_DAY
from streams.demo.plans import Life
from streams.demo.told import story_of
from streams.engine.kpis.catalogue import KPIS
from streams.engine.times import rfc3339
from streams.replay import replay
from tests.small_journey import REFERENCE

if TYPE_CHECKING:
    from pathlib import Path

Figures = dict[tuple[str, str | None], tuple[int, int | None]]
"""Month and what it is of → numerator and denominator."""

TABLES = """
create view transitions as select *, "at"::timestamp as t from read_json_auto('{out}/transitions.jsonl') where {only};
create view milestones as select *, "at"::timestamp as t from read_json_auto('{out}/milestones.jsonl') where {only};
create view alerts as select *, "at"::timestamp as t from read_json_auto('{out}/alerts.jsonl') where {only};
create view renewals as select *, "at"::timestamp as t, outcome not in ('churned', 'lapsed') as kept
  from read_json_auto('{out}/renewals.jsonl') where {only};
create view movements as select *, "at"::timestamp as t, row_number() over () as place
  from read_json_auto('{out}/movements.jsonl') where {only};
create view kpis as select * from read_json_auto('{out}/kpis.jsonl', union_by_name = true);
create table accounts as select account_id, min(since::timestamp) as since, max("at"::timestamp) as seen
  from read_json_auto('{out}/accounts.jsonl') where {only} group by 1;
create table months as select distinct start::timestamp as start, "end"::timestamp as stop from kpis
  where period = 'month';
create table judged as
  select account_id, since + interval 30 day as t from accounts
  where since + interval 30 day < (select max(stop) from months);
create view paid as
  select m.start, a.account_id,
    coalesce((select arg_max(mrr_after, place) from movements v
      where v.account_id = a.account_id and v.t < m.start), 0) as opening,
    coalesce((select arg_max(mrr_after, place) from movements v
      where v.account_id = a.account_id and v.t < m.stop), 0) as closing
  from months m, accounts a;
create view standing as
  select m.start, a.account_id, coalesce((select arg_max(to_stage, t.t) from transitions t
    where t.account_id = a.account_id and t.t < m.stop), 'trial') as stage
  from months m join accounts a on a.since < m.stop;
create table events as
  select account_id, userId as who, event, features[event] as feature, properties.score as score,
    properties.ticket_id as ticket, "timestamp"::timestamp as t, min(receivedAt::timestamp) as seen
  from (select *, regexp_extract(userId, '@(.*)\\.example', 1) as account_id from read_json('{out}/sent.jsonl'))
  semi join accounts using (account_id) where type = 'track' group by all;
create table days as select start + interval 1 day * i as day, start
  from months, range(date_diff('day', months.start, months.stop)) r(i);
create table active as
  select d.day, d.start, e.account_id,
    count(distinct who) filter (e.t >= d.day) as daily,
    count(distinct who) filter (e.t >= d.day - interval 6 day) as weekly,
    count(distinct who) filter (e.t >= d.day - interval 29 day) as monthly,
    count(distinct feature) filter (e.t >= d.day - interval 27 day) as features
  from days d join events e on e.t < d.day + interval 1 day and e.t >= d.day - interval 29 day
    and e.seen < d.day + interval 25 hour and e.event in {product}
  group by all;
create view last_day as select a.* from active a join months m using (start) where a.day = m.stop - interval 1 day;
create view slas as select *, rule.split('.')[-1] as step from alerts where kind = 'sla';
"""

OF_JUDGED = """
select date_trunc('month', j.t), null, count(*) filter (exists (
  from milestones m where m.account_id = j.account_id and m.t <= j.t and {which})), count(*) from judged j group by 1"""

OF_ANSWERS = """
select date_trunc('month', t), sla.lead, floor(sum(sla.business_s)), count(*) from slas
where step = '{step}' and sla.outcome = 'answered' and sla.business_s is not null group by 1, 2"""

OF_DEADLINES = """
select date_trunc('month', t), sla.lead, count(*) filter (sla.outcome = 'answered'),
  count(*) filter (status <> 'retracted') from slas
where step = '{step}' and ((sla.outcome = 'answered' and sla.met) or (status = 'firing' and sla.grade = 'breach'))
group by 1, 2"""

FORECASTS = """
select date_trunc('month', t) as start, sum(round(forecast.likelihood * forecast.mrr)) as predicted,
  sum(least(forecast.mrr, mrr_after)) as renewed, count(*) as n,
  sum(round(1000000 * (forecast.likelihood - kept::int) ** 2)) as error
from renewals where forecast is not null group by 1"""

RECOMPUTED = {
    "stage_conversion": """
      with moves as (
        select date_trunc('month', t) as start, from_stage, to_stage, count(*) as n from transitions group by all)
      select start, from_stage || '>' || to_stage, n, sum(n) over (partition by start, from_stage) from moves""",
    "time_in_stage": """
      select date_trunc('month', t), from_stage, floor(sum(time_in_stage_s)), count(*)
      from transitions group by 1, 2""",
    "trial_to_activation": """
      select date_trunc('month', t.t), null, count(*) filter (exists (from milestones m
        where m.account_id = t.account_id and m.activation and m.t <= t.t)), count(*)
      from transitions t where from_stage = 'trial' group by 1""",
    "time_to_value": """
      with first as (
        select account_id, min(t) as t, arg_min(time_to_s, t) as s from milestones where activation group by 1)
      select date_trunc('month', t), null, floor(sum(s)), count(*) from first group by 1""",
    "judged": "select date_trunc('month', t), null, count(*), null from judged group by 1",
    "activation_rate": OF_JUDGED.format(which="m.activation"),
    "pql_rate": OF_JUDGED.format(which="m.milestone = 'product_qualified'"),
    "conversion_to_paid": OF_JUDGED.format(which="m.milestone = 'subscribed'"),
    "milestone_rate": """
      select date_trunc('month', j.t), s.step, count(*) filter (exists (from milestones m
        where m.account_id = j.account_id and m.t <= j.t and m.milestone = s.step)), count(*)
      from judged j, (select unnest(%(rated)s) as step) s group by 1, 2""",
    "onboarding_step": """
      select date_trunc('month', j.t), steps.step, count(*) filter ((select count(distinct m.milestone)
        from milestones m where m.account_id = j.account_id and m.t <= j.t
          and m.milestone in (select unnest(%(steps)s[:steps.place]))) = steps.place), count(*)
      from judged j, (select unnest(%(steps)s) as step, generate_subscripts(%(steps)s, 1) as place) steps
      group by 1, 2""",
    "dau": """
      select start, null, sum(coalesce(a.daily, 0)), count(distinct d.day) from days d
      left join active a using (day, start) group by 1""",
    "wau": "select start, null, sum(weekly), null from last_day group by 1",
    "mau": "select start, null, sum(monthly), null from last_day group by 1",
    "stickiness": "select start, null, sum(daily), sum(monthly) from active group by 1",
    "weekly_stickiness": "select start, null, sum(weekly), sum(monthly) from active group by 1",
    "adoption_depth": "select start, null, sum(features), count(*) from last_day where features > 0 group by 1",
    "speed_to_contact": OF_ANSWERS.format(step="respond"),
    "time_to_next_step": OF_ANSWERS.format(step="next_step"),
    "response_in_time": OF_DEADLINES.format(step="respond"),
    "next_step_completion": OF_DEADLINES.format(step="next_step"),
    "renewals": "select date_trunc('month', t), outcome, count(*), null from renewals group by 1, 2",
    "renewal_rate": "select date_trunc('month', t), null, count(*) filter (kept), count(*) from renewals group by 1",
    "gross_renewal_rate": """
      select date_trunc('month', t), null, sum(least(mrr_before, mrr_after)), sum(mrr_before)
      from renewals group by 1""",
    "net_renewal_rate": """
      select date_trunc('month', t), null, sum(mrr_after), sum(mrr_before) from renewals group by 1""",
    "renewal_forecast": """
      with found as ({forecasts}) select start, 'predicted', predicted, null from found
      union all select start, 'renewed', renewed, null from found""".replace("{forecasts}", FORECASTS),
    "forecast_accuracy": f"""
      select start, null, least(predicted, renewed), greatest(predicted, renewed) from ({FORECASTS})""",
    "forecast_brier": f"select start, null, error, n from ({FORECASTS})",
    "renewed_as_forecast": """
      select date_trunc('month', t), forecast.name, count(*) filter (kept), count(*) from renewals
      where forecast is not null group by 1, 2""",
    "resolution_time": """
      select date_trunc('month', c.t), null, floor(sum(date_diff('millisecond', o.t, c.t)) / 1000), count(*)
      from events o join events c using (account_id, ticket)
      where o.event = 'Ticket Opened' and c.event = 'Ticket Resolved' group by 1""",
    "nps": """
      select date_trunc('month', t), null, count(*) filter (score >= 9) - count(*) filter (score <= 6), count(*)
      from events where event = 'NPS Answered' group by 1""",
    "csat": """
      select date_trunc('month', t), null, 1000 * sum(score), count(*) from events
      where event = 'CSAT Answered' group by 1""",
    "alerts_fired": """
      select date_trunc('month', t), rule[8:], count(*), null from (
        select rule, min(t) as t from alerts where status = 'firing' and kind <> 'sla'
        group by rule, account_id, episode) group by 1, 2""",
    "accounts_in_stage": "select start, stage, count(*), null from standing group by 1, 2",
    "signed_up": "select date_trunc('month', since), null, count(*), null from accounts group by 1",
    "mrr": "select start, null, sum(closing), null from paid group by 1",
    "paying_accounts": "select start, null, count(*) filter (closing > 0), null from paid group by 1",
    "grr": "select start, null, sum(least(opening, closing)), sum(opening) from paid group by 1",
    "nrr": "select start, null, sum(closing) filter (opening > 0), sum(opening) from paid group by 1",
    "customer_churn": """
      select start, null, count(*) filter (opening > 0 and closing = 0), count(*) filter (opening > 0)
      from paid group by 1""",
    "mrr_movement": "select date_trunc('month', t), movement, sum(amount), null from movements group by 1, 2",
    "movements": "select date_trunc('month', t), movement, count(*), null from movements group by 1, 2",
}


OF_RECORDS = (
    "stage_conversion", "time_in_stage", "alerts_fired", "mrr_movement", "movements", "renewals", "renewal_rate",
    "gross_renewal_rate", "net_renewal_rate", "forecast_accuracy", "renewed_as_forecast", "speed_to_contact",
    "response_in_time",
)  # fmt: skip
"""Those that add up what single records say, each under the segment of the account at that time."""

OF_MILESTONES = ("milestone_rate", "onboarding_step")

COHORT = "account_id in (select account_id from read_json_auto('{out}/accounts.jsonl') group by 1\
    having min(since::timestamp) < timestamp '2025-10-01')"
CUTS = {"all": ("", "true"), "cohort": ("2025-09", COHORT), "segment": ("team", "segment.tier = 'team'")}
TRIED = [(cut, kpi) for cut in CUTS for kpi in (OF_RECORDS if cut == "segment" else RECOMPUTED)]

DAYS = 124
"""Four months, and a day in which the last is closed."""

Base = dict[str, duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """What some accounts send that live 120 days, and what a replay says of it, as tables: for each cut those of it."""
    out: Path = tmp_path_factory.mktemp("out")
    story, source = story_of(accounts=40, days=DAYS, seed=5), read_journey(REFERENCE)
    sent = [(message.arrived_at, message.value) for message in story.sent]
    sent += [called for life in story.lives for called in talks(life)]
    values = [value for _, value in sorted(sent, key=lambda called: called[0])]
    replay(source, [("demo", values)], out)
    (out / "sent.jsonl").write_bytes(b"\n".join(value for value in values if is_event(value)))
    product = tuple(name for name, event in source.events.items() if event.source is Source.PRODUCT)
    features = {name: event.feature for name, event in source.events.items() if event.feature}
    found: Base = {}
    for cut, (_, only) in CUTS.items():
        found[cut] = connection = duckdb.connect()
        named = f"map {{{', '.join(f'{name!r}: {feature!r}' for name, feature in features.items())}}}"
        sql = TABLES.replace("features[event]", f"{named}[event]")
        connection.execute(
            sql.replace("{out}", str(out)).replace("{only}", only.format(out=out)).replace("{product}", str(product))
        )
    yield found
    for connection in found.values():
        connection.close()


def talks(life: Life) -> Iterator[tuple[int, bytes]]:
    """What an account says to us, from its second week on: tickets, and answers to questions."""
    number = sum(life.id.encode())
    for week in range(1, (DAYS - life.starts) // 7):
        at = FIRST_DAY + (life.starts + 7 * week) * DAY_MS + 10 * HOUR_MS
        for place, (event, said) in enumerate(
            (
                ("NPS Answered", {"score": (number + week) % 11}),
                ("CSAT Answered", {"score": 1 + (number * week) % 5}),
                ("Ticket Opened", {"ticket_id": f"t{week}"}),
                ("Ticket Resolved", {"ticket_id": f"t{week}"}),
            )
        ):
            happened = at + place * (1 + number % 30) * HOUR_MS
            call = {
                "type": "track", "messageId": f"{life.id}-{week}-{place}", "userId": life.users[0], "event": event,
                "timestamp": rfc3339(happened), "receivedAt": rfc3339(happened + 500), "properties": said,
                "context": {"groupId": life.id},
            }  # fmt: skip
            if happened < FIRST_DAY + DAYS * DAY_MS:
                yield happened + 500, orjson.dumps(call)


def is_event(value: bytes) -> bool:
    """Whether a message is none of those that cannot become an event."""
    return b"@" in value


def recomputed(base: duckdb.DuckDBPyConnection, kpi: str, sql: str | None = None) -> Figures:
    """By SQL, of the months that are closed; a figure of nothing is none, nor is one of a milestone nobody reached."""
    kpis = read_journey(REFERENCE).kpis
    assert kpis is not None
    rated = list(dict.fromkeys((*kpis.steps, *(name for goal in kpis.goals.values() for name in goal.success))))
    sql = (sql or RECOMPUTED[kpi]).replace("%(steps)s", str(list(kpis.steps))).replace("%(rated)s", str(rated))
    closed = (
        f"select strftime(start, '%Y-%m'), of_, n, d from ({sql}) f(start, of_, n, d) semi join months using (start)"
    )
    rows = base.execute(closed).fetchall()
    return {
        (month, of): (int(n or 0), d if d is None else int(d))
        for month, of, n, d in rows
        if (d is None and n) or (d and (n or of is None or kpi not in OF_MILESTONES))
    }


def told(base: duckdb.DuckDBPyConnection, kpi: str, cut: str = "all") -> Figures:
    """As the stage told it."""
    rows = base.execute(
        """select strftime(start::timestamp, '%Y-%m'), "of", numerator, denominator from kpis
        where kpi = ? and period = 'month' and cut.by = ? and coalesce(cut.value, '') = ?
          and coalesce(cut.dimension, 'tier') = 'tier'""",
        [kpi, cut, CUTS[cut][0]],
    ).fetchall()
    return {(month, of): (n, d) for month, of, n, d in rows}


@pytest.mark.parametrize(("cut", "kpi"), TRIED)
def test_every_figure_is_what_another_computation_gives(base: Base, cut: str, kpi: str) -> None:
    expected = recomputed(base[cut], kpi)
    assert expected
    assert told(base[cut], kpi, cut) == expected


def test_no_figure_goes_without_another_computation() -> None:
    assert {kpi.name for kpi in KPIS} == RECOMPUTED.keys()


def test_the_other_computation_would_see_a_movement_that_was_lost(base: Base) -> None:
    without = RECOMPUTED["mrr_movement"].replace("from movements", "from movements where place > 1")
    assert told(base["all"], "mrr_movement") != recomputed(base["all"], "mrr_movement", without)


def test_segments_and_cohorts_add_up_to_all_accounts(base: Base) -> None:
    rows = (
        base["all"]
        .execute("""
      with sums as (
        select kpi, "of" as of_, period, start, cut.by || coalesce(cut.dimension, '') as cuts, sum(numerator) as n
        from kpis where unit in ('accounts', 'times', 'money') group by all)
      select a.kpi, a.of_, a.start, s.cuts, a.n, s.n from sums a join sums s
        on a.kpi = s.kpi and a.of_ is not distinct from s.of_ and a.period = s.period and a.start = s.start
      where a.cuts = 'all' and a.n <> s.n""")
        .fetchall()
    )
    assert rows == []
