"""A changed journey: what keeps its name or its definition keeps its past, what is new begins empty."""

from tests.driver import Customer, Product, day, journey

JOURNEY = """
traits: {seats: number, plan: text}
measures:
  reports: {count: Report Viewed, over: 7d}
  users: {users: any, over: 7d}
  breadth: {features: any, over: 7d}
milestones:
  first_project: {when: {did: Project Created}}
  first_report: {when: {did: Report Viewed}}
stages:
  trial: {initial: true}
  activated: {from: trial, enter: {reached: first_project}}
alerts:
  quiet: {kind: risk, severity: info, when: {silent: {for: 4d}}}
"""

REORDERED = """
traits: {owner: text, plan: text, seats: number}
measures:
  people: {users: any, over: 7d}
  reports: {count: Report Viewed, over: 7d}
  exports: {count: Export Run, over: 7d}
  width: {features: any, over: 7d}
milestones:
  first_export: {when: {did: Export Run}}
  first_report: {when: {did: Report Viewed}}
  first_project: {when: {did: Project Created}}
stages:
  lead: {initial: true}
  activated: {from: trial, enter: {reached: first_project}}
  trial: {from: lead, enter: {did: Signed Up}}
alerts:
  loud: {kind: risk, severity: info, when: {did: {event: any, times: 1000}}}
  quiet: {kind: risk, severity: info, when: {silent: {for: 4d}}}
"""


def redeployed(acme: Customer, text: str, **sections: object) -> Customer:
    """The same customer once the worker has come back with another journey."""
    old, new = acme.product, Product(journey(text, **sections))
    for number in (0, 1):
        before, after = _partitions(old)[number], _partitions(new)[number]
        for key, value in before.changes():
            after.load(key, value)
        after.ready()
    new.pipeline._offset, new.pipeline._followed = old.pipeline._offset, old.pipeline._followed
    new.now, new.sent = old.now, old.sent
    new.ticks(new.now)
    return new.account(acme.name)


def _partitions(product: Product) -> tuple:  # type: ignore[type-arg]  # the two are of two classes
    return product.pipeline._route, product.pipeline.follow


def test_milestones_reached_stay_reached_under_their_names(acme: Customer) -> None:
    acme.does("Project Created").does("Report Viewed")
    acme = redeployed(acme, REORDERED).does("Project Created").does("Report Viewed").passes(days=1).settles()
    assert acme.updates[-1].milestones == {"first_project": day(0), "first_report": day(0)}
    assert acme.milestones == {}


def test_the_stage_stays_under_its_name(acme: Customer) -> None:
    acme.does("Project Created")
    acme = redeployed(acme, REORDERED).passes(days=1).settles()
    assert acme.stage == "activated"
    assert acme.transitions == []


def test_windows_keep_their_days_columns_users_and_features(acme: Customer) -> None:
    acme.works(days=3, by=("ann", "bob")).does("Project Created", by="cyd")
    acme = redeployed(acme, REORDERED).works(days=1, by=("bob", "dan")).settles()
    assert acme.measures == {"exports": 0, "people": 4, "width": 2, "reports": 8}


def test_a_new_feature_takes_no_other_features_place(acme: Customer) -> None:
    acme.works(days=1).does("Project Created")
    events = {
        "Another": {"feature": "aaa"},
        "Project Created": {"feature": "projects"},
        "Report Viewed": {"feature": "reports"},
        "Signed Up": None,
        "Export Run": None,
    }
    acme = redeployed(acme, REORDERED, events=events).does("Another").does("Report Viewed").passes(days=1).settles()
    assert acme.measures["width"] == 3


def test_traits_stay_under_their_names(acme: Customer) -> None:
    acme.has(seats=5, plan="team")
    acme = redeployed(acme, REORDERED).works(days=1).settles()
    assert acme.traits == {"seats": 5, "plan": "team"}


def test_an_alert_that_fires_goes_on_firing_and_is_resolved_in_its_episode(acme: Customer) -> None:
    acme.does("Report Viewed").falls_silent(days=5)
    [fired] = acme.alerts_told
    acme = redeployed(acme, REORDERED)
    assert acme.alerts == []
    acme.does("Report Viewed")
    [resolved] = acme.alerts_told
    assert (resolved.status, resolved.episode) == ("resolved", fired.episode)


def test_an_alert_that_is_gone_is_forgotten(acme: Customer) -> None:
    acme.does("Report Viewed").falls_silent(days=5)
    acme = redeployed(acme, JOURNEY, alerts={}).works(days=1).settles()
    assert acme.updates[-1].firing == ()
    assert acme.alerts == []


def test_an_account_whose_stage_is_gone_begins_again_in_the_initial_one(acme: Customer) -> None:
    acme.does("Project Created")
    stages = {"trial": {"initial": True}, "paying": {"from": "trial", "enter": {"did": "Signed Up"}}}
    acme = redeployed(acme, JOURNEY, stages=stages).does("Signed Up")
    assert [(move.from_stage, move.to_stage) for move in acme.transitions] == [("trial", "paying")]


def test_a_new_deadline_counts_from_what_is_known(acme: Customer) -> None:
    acme.does("Report Viewed").passes(days=1)
    rules = {"quiet": {"kind": "risk", "severity": "info", "when": {"silent": {"for": "2d"}}}}
    acme = redeployed(acme, JOURNEY, alerts=rules).falls_silent(days=2)
    assert [(alert.rule, alert.at) for alert in acme.alerts_told] == [("alerts.quiet", day(2))]


def test_a_deadline_that_has_moved_away_does_not_fire_at_its_old_instant(acme: Customer) -> None:
    acme.does("Report Viewed").passes(days=1)
    rules = {"quiet": {"kind": "risk", "severity": "info", "when": {"silent": {"for": "9d"}}}}
    acme = redeployed(acme, JOURNEY, alerts=rules).falls_silent(days=7)
    assert acme.alerts == []
    acme.falls_silent(days=2)
    assert [alert.at for alert in acme.alerts_told] == [day(9)]


def test_a_rule_that_already_holds_is_told_when_time_or_an_event_next_touches_it(acme: Customer) -> None:
    acme.does("Report Viewed", times=3).passes(days=1)
    rules = {"fan": {"kind": "expansion", "severity": "info", "when": {"measure": {"name": "reports", "at_least": 3}}}}
    acme = redeployed(acme, JOURNEY, alerts=rules)
    assert acme.alerts == []
    acme.passes(days=1, hours=1)
    assert [(alert.rule, alert.at) for alert in acme.alerts_told] == [("alerts.fan", day(1))]


def test_a_new_count_begins_empty_and_an_old_one_goes_on(acme: Customer) -> None:
    acme.works(days=3)
    measures = {"reports": {"count": "Report Viewed", "over": "28d"}, "all": {"count": "any", "over": "28d"}}
    acme = redeployed(acme, JOURNEY, measures=measures).works(days=1).settles()
    assert acme.measures == {"reports": 4, "all": 1}


def test_the_ids_of_verdicts_go_on_where_they_were(acme: Customer) -> None:
    acme.does("Report Viewed").falls_silent(days=5).does("Report Viewed").passes(days=1)
    before = {output.id for output in acme.outputs}
    acme = redeployed(acme, REORDERED).falls_silent(days=5).does("Report Viewed")
    after = {output.id for output in acme.outputs}
    assert after
    assert not before & after


def test_more_users_than_fit_an_integer_keep_their_days_too(acme: Customer) -> None:
    acme.works(days=3, by=[f"user-{number}" for number in range(100)])
    acme = redeployed(acme, REORDERED).works(days=1, by=("user-99", "user-100")).settles()
    assert acme.measures == {"exports": 0, "people": 101, "width": 1, "reports": 302}


def test_an_alert_that_is_meant_for_another_stage_now_may_fire_again_there() -> None:
    rule = "{kind: nudge, severity: info, when: WHEN, until: {did: {event: Export Run, within: 1d}}}"
    viewed = "{did: {event: Report Viewed, within: 7d}}"
    stages = "stages: {trial: {initial: true}, activated: {from: trial, enter: {did: Project Created}}}\n"
    before, after = (
        f"{stages}alerts:\n  share: {rule.replace('WHEN', when)}"
        for when in (viewed, f"{{all: [{{stage: activated}}, {viewed}]}}")
    )
    acme = Product(journey(before)).account("acme").does("Report Viewed").passes(hours=1).does("Export Run")
    assert [alert.status for alert in acme.alerts_told] == ["firing", "resolved"]
    acme = redeployed(acme, after).passes(days=2).does("Report Viewed").passes(hours=1).does("Project Created")
    assert [alert.status for alert in acme.alerts_told] == ["firing"]
