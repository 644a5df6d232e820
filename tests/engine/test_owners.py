"""Owners: the same one wherever and however often it is decided, by territory and capacity."""

from collections import Counter

from streams.engine.outputs import AlertChanged, AlertStatus, SlaChanged
from streams.engine.owners import draw
from tests.driver import Customer, Product, journey
from tests.engine.test_transfers import redeployed

JOURNEY = """
traits: {country: text, employees: number, csm: text}
segments:
  country: {trait: country}
  size: {trait: employees, bands: {small: {below: 50}, large: {}}}
calendars:
  office: {zone: Europe/Berlin, holidays: DE-BE}
teams:
  sales:
    calendar: office
    owners:
      Kim: {capacity: 3, territory: {size: [small, unknown]}}
      Lee: {territory: {size: [small, unknown]}}
      Ada: {territory: {size: large, country: [DE, AT]}}
  success: {calendar: office, owner_trait: csm, owners: {Joy: , Sam: }}
alerts:
  exported:
    {kind: handoff, severity: info, when: {did: {event: Export Run, within: 2d}}, handoff: {lead: pql, team: sales}}
  signed_up:
    {kind: handoff, severity: info, when: {did: Signed Up}, handoff: {lead: customer_success, team: success}}
"""
CAPACITIES = {"Kim": 3, "Lee": 1, "Max": 6}


def owners(customer: Customer, rule: str = "alerts.exported") -> list[str | None]:
    """The owner of each firing."""
    said = [alert for alert in customer.said(rule) if isinstance(alert, AlertChanged)]
    return [alert.owner for alert in said if alert.status is AlertStatus.FIRING]


def test_load_follows_capacity_within_what_chance_allows() -> None:
    drawn = Counter(draw(f"account-{number}", "alerts.exported", 1, CAPACITIES) for number in range(10_000))
    for name, capacity in CAPACITIES.items():
        share = capacity / 10
        assert abs(drawn[name] - 10_000 * share) < 4 * (10_000 * share * (1 - share)) ** 0.5


def test_a_draw_depends_on_no_other_account_and_on_no_order_of_the_owners() -> None:
    reversed_ = dict(reversed(CAPACITIES.items()))
    for number in range(100):
        assert draw(f"a-{number}", "alerts.x", 1, CAPACITIES) == draw(f"a-{number}", "alerts.x", 1, reversed_)


def test_each_episode_is_drawn_anew() -> None:
    assert {draw("acme", "alerts.exported", episode, CAPACITIES) for episode in range(1, 50)} == set(CAPACITIES)


def test_an_owner_who_leaves_gives_accounts_away_and_takes_none_from_others() -> None:
    fewer = {name: capacity for name, capacity in CAPACITIES.items() if name != "Lee"}
    for number in range(300):
        before = draw(f"a-{number}", "alerts.x", 1, CAPACITIES)
        assert before in ("Lee", draw(f"a-{number}", "alerts.x", 1, fewer))


def test_only_owners_whose_territory_fits_in_every_dimension_are_drawn(acme: Customer) -> None:
    assert owners(acme.has(country="AT", employees=200).does("Export Run")) == ["Ada"]


def test_a_worker_of_any_number_of_partitions_and_a_replay_name_the_same_owner() -> None:
    together, source = Product(journey(JOURNEY)), journey(JOURNEY)
    for number in range(30):
        alone = Product(source).account(f"a-{number}").does("Export Run")
        assert owners(together.account(f"a-{number}").does("Export Run")) == owners(alone)


def test_an_account_keeps_its_owner_for_as_long_as_the_owner_fits(acme: Customer) -> None:
    for _ in range(12):
        acme.does("Export Run").passes(days=4)
    assert len(owners(acme)) == 12
    assert len(set(owners(acme))) == 1
    acme.has(country="DE", employees=200).does("Export Run")
    assert owners(acme)[-1] == "Ada"


def test_an_account_keeps_its_owner_under_a_changed_journey(acme: Customer) -> None:
    held = owners(acme.does("Export Run"))
    changed = JOURNEY.replace("teams:\n", "teams:\n  first: {calendar: office, owners: {Zoe: }}\n")
    acme = redeployed(
        acme.passes(days=4), changed.replace("capacity: 3", "capacity: 1").replace("Lee: {", "Lee: {capacity: 99, ")
    )
    assert owners(acme.does("Export Run")) == held == ["Kim"]


def test_the_owner_that_a_trait_names_goes_before_all_else(acme: Customer) -> None:
    acme.has(csm="Eve of another team").does("Signed Up")
    assert owners(acme, "alerts.signed_up") == ["Eve of another team"]


def test_an_account_that_fits_nobody_is_flagged_at_once_and_handed_over_all_the_same(acme: Customer) -> None:
    acme.has(country="FR", employees=200).does("Export Run")
    assert owners(acme) == [None]
    [flag] = acme.slas
    assert (flag.rule, flag.grade, flag.status, flag.owner, flag.at) == (
        "alerts.exported.handoff.team", "unrouted", "firing", None, acme.product.now,
    )  # fmt: skip


def test_it_is_routed_as_soon_as_somebody_fits(acme: Customer) -> None:
    acme.has(country="FR", employees=200).does("Export Run").passes(hours=5).has(country="DE")
    routed = acme.slas[-1]
    assert isinstance(routed, SlaChanged)
    assert (routed.status, routed.outcome, routed.owner, routed.took_ms) == ("resolved", "routed", "Ada", 5 * 3_600_000)
    acme.passes(days=4)
    assert [alert.owner for alert in acme.alerts_told] == [None, "Ada"]
    assert len(acme.slas) == 2


def test_one_that_was_never_routed_ends_with_its_alert(acme: Customer) -> None:
    acme.has(country="FR", employees=200).does("Export Run").passes(days=4)
    assert [(sla.status, sla.outcome) for sla in acme.slas] == [("firing", None), ("resolved", "cancelled")]
