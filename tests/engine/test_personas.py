"""Personas: who of an account's users is its champion, its admin and so on, and what follows when one is missing."""

from tests.driver import Customer, Product, because, journey
from tests.engine.test_transfers import redeployed

JOURNEY = """
personas:
  champion: {trait: role, is: [champion, owner]}
  admin: {trait: role, is: [admin, owner]}
  security: {trait: team, is: security}
measures:
  champions: {users: any, persona: champion, over: 7d}
  personas: {personas: any, over: 7d}
alerts:
  champion_missing:
    {kind: risk, severity: warning, when: {all: [{did: Report Viewed}, {measure: {name: champions, below: 1}}]}}
  many_sided: {kind: expansion, severity: info, when: {measure: {name: personas, at_least: 3}}}
"""


def is_known(acme: Customer, user: str, *, hours_ago: float = 0, **traits: object) -> Customer:
    return acme.calls("identify", ago_ms=round(hours_ago * 3_600_000), userId=user, traits=traits)


def told(acme: Customer) -> dict[str, float]:
    """The measures as told at the end of the day."""
    return dict(acme.passes(days=1).settles().measures)


def test_users_of_one_persona_are_counted_once_an_identify_call_says_who_they_are(acme: Customer) -> None:
    is_known(acme, "ann", role="champion")
    acme.does("Report Viewed", by="ann", times=3).does("Report Viewed", by="bob")
    assert told(acme) == {"champions": 1, "personas": 1}


def test_who_is_known_after_the_deed_counts_too(acme: Customer) -> None:
    acme.does("Report Viewed", by="ann")
    is_known(acme, "ann", role="owner")
    assert told(acme) == {"champions": 1, "personas": 2}


def test_a_trait_may_be_a_list_and_one_that_is_no_text_makes_nobody(acme: Customer) -> None:
    acme.does("Report Viewed", by="ann").does("Report Viewed", by="bob")
    is_known(acme, "ann", role=["guest", "admin"])
    is_known(acme, "bob", role=7, team=["security", 7])
    assert told(acme) == {"champions": 0, "personas": 1}


def test_a_persona_ends_when_its_trait_says_otherwise_and_stays_when_it_says_nothing(acme: Customer) -> None:
    acme.does("Report Viewed", by="ann")
    is_known(acme, "ann", role="champion", team="security").passes(hours=1)
    is_known(acme, "ann", team=None)
    assert told(acme) == {"champions": 1, "personas": 1}


def test_what_was_said_first_does_not_undo_what_was_said_later(acme: Customer) -> None:
    acme.passes(hours=2).does("Report Viewed", by="ann")
    is_known(acme, "ann", role="champion")
    is_known(acme, "ann", hours_ago=0.5, role="guest", team="security")
    assert told(acme) == {"champions": 1, "personas": 2}


def test_a_champion_who_does_nothing_any_more_is_missed(acme: Customer) -> None:
    is_known(acme, "ann", role="champion")
    acme.works(days=1, by=["ann", "bob"])
    assert acme.firing == set()
    acme.works(days=8, by=["bob"])
    assert acme.firing == {"champion_missing"}
    [_, seen] = because(acme.alerts_told[0])
    assert (seen["value"], seen["persona"]) == (0, "champion")
    acme.does("Report Viewed", by="ann")
    assert acme.firing == set()


def test_a_champion_who_becomes_another_is_missed_at_once_and_so_no_longer_when_one_is_named(acme: Customer) -> None:
    is_known(acme, "ann", role="champion")
    acme.does("Report Viewed", by="ann").passes(hours=1)
    is_known(acme, "ann", role="guest")
    assert acme.firing == {"champion_missing"}
    acme.passes(hours=1)
    is_known(acme, "ann", role="champion")
    assert acme.firing == set()


def test_the_different_personas_that_are_active_are_counted_and_named(acme: Customer) -> None:
    for user, traits in (("ann", {"role": "champion"}), ("bob", {"role": "admin"}), ("cyd", {"team": "security"})):
        acme.calls("identify", userId=user, traits=traits).does("Report Viewed", by=user)
    [alert] = acme.said("alerts.many_sided")
    [seen] = because(alert)
    assert (seen["value"], seen["seen"]) == (3, ["champion", "admin", "security"])


def test_an_alert_names_the_personas_of_the_user_who_turned_it(acme: Customer) -> None:
    is_known(acme, "bob", role="owner")
    acme.does("Report Viewed", by="ann").does("Report Viewed", by="bob")
    fired, resolved = acme.alerts_told
    assert (fired.user, fired.persona) == ("ann", ())
    assert (resolved.user, resolved.persona) == ("bob", ("champion", "admin"))


def test_a_silent_champion_is_still_one_after_the_others_are_forgotten() -> None:
    acme = Product(journey(JOURNEY)).account("acme")
    is_known(acme, "ann", role="champion").does("Report Viewed", by="ann")
    acme.works(days=3, by=[f"guest-{number}" for number in range(100)]).falls_silent(days=40)
    acme.does("Report Viewed", by="ann")
    account = acme.product.pipeline.follow.account(b"acme")
    assert account is not None
    assert len(account.windows.users) < 100
    assert account.windows.reading(0) == 1
    assert told(acme)["champions"] == 1


def test_a_changed_journey_keeps_the_personas_that_are_defined_as_before(acme: Customer) -> None:
    is_known(acme, "ann", role="champion", team="security").does("Report Viewed", by="ann")
    personas = {
        "security": {"trait": "team", "is": "security"},
        "champion": {"trait": "role", "is": "boss"},
    }
    acme = redeployed(acme, JOURNEY, personas=personas)
    assert told(acme.does("Report Viewed", by="ann")) == {"champions": 0, "personas": 1}
    is_known(acme, "ann", role="boss")
    assert told(acme)["champions"] == 1


def test_a_journey_without_personas_reads_no_traits_of_users() -> None:
    assert Product(journey()).journey.touches["$identify"].notes == ()
