"""Alerts: they fire when a condition comes to hold, are resolved once it is over, and do not nag."""

from streams.engine.outputs import AlertChanged, AlertStatus
from tests.driver import Customer, Product, because, day, journey

JOURNEY = """
measures:
  reports: {count: Report Viewed, over: 1d}
alerts:
  silent: {kind: risk, severity: warning, when: {silent: {for: 3d}}}
  busy:
    kind: expansion
    severity: info
    when: {measure: {name: reports, at_least: 3}}
    until: {did: {event: Export Run, within: 1d}}
    cooldown: 5d
"""


def test_an_alert_fires_when_its_condition_comes_to_hold_and_is_resolved_when_it_no_longer_does(acme: Customer) -> None:
    acme.does("Report Viewed").falls_silent(days=4)
    assert acme.alerts == [("silent", "firing")]
    acme.does("Report Viewed")
    assert acme.alerts == [("silent", "firing"), ("silent", "resolved")]
    assert [alert.at for alert in acme.alerts_told] == [day(3), day(4)]


def test_an_alert_that_fires_does_not_fire_again_while_its_condition_goes_on_holding(acme: Customer) -> None:
    acme.does("Report Viewed").falls_silent(days=30)
    assert acme.alerts == [("silent", "firing")]


def test_until_says_when_it_is_over_though_the_condition_still_holds_or_no_longer(acme: Customer) -> None:
    acme.does("Report Viewed", times=3).passes(days=2.5)
    assert acme.firing == {"busy"}
    acme.does("Export Run")
    assert "busy" not in acme.firing


def test_ended_by_until_it_does_not_fire_again_before_its_condition_has_ceased_to_hold(acme: Customer) -> None:
    acme.does("Report Viewed", times=3).does("Export Run").passes(days=6)
    acme.does("Report Viewed", times=3).does("Export Run").does("Report Viewed", times=9).does("Export Run")
    alerts = [said for said in acme.said("alerts.busy") if isinstance(said, AlertChanged)]
    assert [(alert.episode, alert.status) for alert in alerts] == [
        (1, AlertStatus.FIRING),
        (1, AlertStatus.RESOLVED),
        (2, AlertStatus.FIRING),
        (2, AlertStatus.RESOLVED),
    ]


def test_in_its_cooldown_an_alert_does_not_fire_and_at_its_end_it_does_if_the_condition_holds(acme: Customer) -> None:
    acme.passes(hours=9).does("Report Viewed", times=3).does("Export Run")
    acme.passes(days=4).does("Report Viewed", times=3)
    assert acme.alerts == [("busy", "firing"), ("busy", "resolved"), ("silent", "firing"), ("silent", "resolved")]
    acme.passes(hours=10).does("Report Viewed", times=3).passes(days=1)
    assert [alert.at for alert in acme.said("alerts.busy")] == [day(0, 9), day(0, 9), day(5, 9)]


def test_each_firing_is_an_episode_with_a_number_and_ids_of_its_own(acme: Customer) -> None:
    acme.works(days=1).falls_silent(days=4).works(days=1).falls_silent(days=4).works(days=1)
    told = [(alert.episode, alert.status) for alert in acme.alerts_told]
    firing, resolved = AlertStatus.FIRING, AlertStatus.RESOLVED
    assert told == [(1, firing), (1, resolved), (2, firing), (2, resolved)]
    assert len({alert.id for alert in acme.alerts_told}) == 4


def test_ids_follow_from_the_cause_so_another_run_gives_the_same_ones(acme: Customer) -> None:
    other = Product(acme.product.source).account("acme")
    for customer in (acme, other):
        customer.works(days=1).falls_silent(days=4)
    assert [alert.id for alert in acme.alerts_told] == [alert.id for alert in other.alerts_told]


def test_an_alert_says_who_turned_it_and_in_which_stage_the_account_stands(acme: Customer) -> None:
    acme.does("Report Viewed", times=3, by="bob")
    [alert] = acme.alerts_told
    assert (alert.user, alert.stage) == ("bob", "trial")


def test_an_alert_that_time_alone_has_turned_names_no_user(acme: Customer) -> None:
    acme.does("Report Viewed").falls_silent(days=4)
    [alert] = acme.alerts_told
    assert alert.user is None
    assert "event" not in alert.evidence


def test_the_evidence_of_an_alert_holds_value_threshold_and_window(acme: Customer) -> None:
    acme.does("Report Viewed", times=3)
    [alert] = acme.alerts_told
    assert because(alert) == [
        {
            "measure": "reports",
            "value": 3,
            "window": {"start": "2026-01-05T00:00:00.000Z", "end": "2026-01-06T00:00:00.000Z"},
            "at_least": 3.0,
        }
    ]


def test_the_evidence_of_a_silence_says_since_when_and_for_how_long(acme: Customer) -> None:
    acme.does("Report Viewed").falls_silent(days=4).does("Report Viewed")
    fired, resolved = acme.alerts_told
    assert because(fired) == [{"silent": ["any"], "last_at": "2026-01-05T00:00:00.000Z", "for": "3d"}]
    assert because(resolved) == [{"silent": ["any"], "last_at": "2026-01-09T00:00:00.000Z", "for": "3d", "none": True}]


def test_no_alert_is_resolved_before_it_fired_though_the_event_that_ends_it_came_out_of_order(acme: Customer) -> None:
    acme.passes(hours=9).does("Report Viewed", times=3).does("Export Run", hours_ago=0.5)
    assert [alert.at for alert in acme.said("alerts.busy")] == [day(0, 9), day(0, 9)]


def test_every_account_update_lists_what_fires(acme: Customer) -> None:
    acme.does("Report Viewed").falls_silent(days=4).does("Report Viewed")
    assert [list(update.firing) for update in acme.updates if update.at >= day(3)] == [["silent"], []]


def test_ended_by_until_it_fires_again_once_an_event_has_made_its_condition_cease() -> None:
    unanswered = Product(
        journey("""
          alerts:
            no_export:
              kind: nudge
              severity: info
              when: {absent: {event: Export Run, after: Report Viewed, within: 2h}}
              until: {did: {event: Project Created, within: 1d}}
        """)
    ).account("acme")
    unanswered.does("Report Viewed").passes(hours=5).does("Project Created")
    assert unanswered.alerts == [("no_export", "firing"), ("no_export", "resolved")]
    unanswered.does("Export Run").passes(hours=1).does("Report Viewed").passes(hours=5)
    assert [alert.episode for alert in unanswered.alerts_told] == [1, 1, 2]
