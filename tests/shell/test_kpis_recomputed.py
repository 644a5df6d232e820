"""The KPIs, computed a second time and otherwise: in SQL, over what a replay writes of the demo's customers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import duckdb
import pytest

from schemas.reading import read_journey
from streams.demo.told import story_of
from streams.replay import replay
from tests.small_journey import REFERENCE

if TYPE_CHECKING:
    from pathlib import Path

Figures = dict[tuple[str, str | None], tuple[int, int | None]]
"""Month and what it is of → numerator and denominator."""

TABLES = """
create view transitions as select *, "at"::timestamp as t from read_json_auto('{out}/transitions.jsonl');
create view milestones as select *, "at"::timestamp as t from read_json_auto('{out}/milestones.jsonl');
create view alerts as select *, "at"::timestamp as t from read_json_auto('{out}/alerts.jsonl');
create view movements as select *, "at"::timestamp as t, row_number() over () as place
  from read_json_auto('{out}/movements.jsonl');
create view kpis as select * from read_json_auto('{out}/kpis.jsonl', union_by_name = true);
create table accounts as select account_id, min(since::timestamp) as since, max("at"::timestamp) as seen
  from read_json_auto('{out}/accounts.jsonl') group by 1;
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
"""

OF_JUDGED = """
select date_trunc('month', j.t), null, count(*) filter (exists (
  from milestones m where m.account_id = j.account_id and m.t <= j.t and {which})), count(*) from judged j group by 1"""

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
    "activation_rate": OF_JUDGED.format(which="m.activation"),
    "pql_rate": OF_JUDGED.format(which="m.milestone = 'product_qualified'"),
    "conversion_to_paid": OF_JUDGED.format(which="m.milestone = 'subscribed'"),
    "alerts_fired": """
      select date_trunc('month', t), rule[8:], count(distinct (account_id, episode)), null from alerts
      where status = 'firing' and kind <> 'sla' group by 1, 2""",
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


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """What a replay says of some accounts that live 120 days, as tables."""
    out: Path = tmp_path_factory.mktemp("out")
    sent = story_of(accounts=40, days=120, seed=5).sent
    replay(read_journey(REFERENCE), [("demo", [message.value for message in sent])], out)
    with duckdb.connect() as connection:
        connection.execute(TABLES.format(out=out))
        yield connection


def recomputed(base: duckdb.DuckDBPyConnection, sql: str) -> Figures:
    """By SQL, of the months that are closed; a figure of nothing is none."""
    closed = (
        f"select strftime(start, '%Y-%m'), of_, n, d from ({sql}) f(start, of_, n, d) semi join months using (start)"
    )
    rows = base.execute(closed).fetchall()
    return {
        (month, of): (int(n or 0), d if d is None else int(d)) for month, of, n, d in rows if (d is None and n) or d
    }


def told(base: duckdb.DuckDBPyConnection, kpi: str) -> Figures:
    """As the stage told it."""
    rows = base.execute(
        """select strftime(start::timestamp, '%Y-%m'), "of", numerator, denominator from kpis
        where kpi = ? and period = 'month' and cut.by = 'all'""",
        [kpi],
    ).fetchall()
    return {(month, of): (n, d) for month, of, n, d in rows}


@pytest.mark.parametrize("kpi", RECOMPUTED)
def test_every_figure_is_what_another_computation_over_the_outputs_gives(
    base: duckdb.DuckDBPyConnection, kpi: str
) -> None:
    expected = recomputed(base, RECOMPUTED[kpi])
    assert expected
    assert told(base, kpi) == expected


def test_the_other_computation_would_see_a_movement_that_was_lost(base: duckdb.DuckDBPyConnection) -> None:
    without = RECOMPUTED["mrr_movement"].replace("from movements", "from movements where place > 1")
    assert told(base, "mrr_movement") != recomputed(base, without)


def test_segments_and_cohorts_add_up_to_all_accounts(base: duckdb.DuckDBPyConnection) -> None:
    rows = base.execute("""
      with sums as (
        select kpi, "of" as of_, period, start, cut.by || coalesce(cut.dimension, '') as cuts, sum(numerator) as n
        from kpis where unit in ('accounts', 'times', 'money') group by all)
      select a.kpi, a.of_, a.start, s.cuts, a.n, s.n from sums a join sums s
        on a.kpi = s.kpi and a.of_ is not distinct from s.of_ and a.period = s.period and a.start = s.start
      where a.cuts = 'all' and a.n <> s.n""").fetchall()
    assert rows == []
