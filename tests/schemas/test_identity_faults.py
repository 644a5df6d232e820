"""Faults in `identity`: the exact lines that are told."""

import pytest

from schemas.reading import JourneyError, read_journey
from schemas.spans import DAY_MS

SOUND = """\
journey: 1
name: small
version: 1
events: {Seat Given: {}, Seat Taken: {}}
identity: {join: Seat Given, leave: [Seat Taken, Account Removed User], hold: 30d}
stages: {trial: {initial: true}}
"""


def test_an_identity_without_faults_is_read() -> None:
    identity = read_journey(SOUND.encode()).identity
    assert (identity.join, identity.hold) == (("Seat Given",), 30 * DAY_MS)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "{join: Seat Giben}",
            "5: identity.join: the event 'Seat Giben' is not declared under events; did you mean 'Seat Given'?",
        ),
        (
            "{leave: [any]}",
            "5: identity.leave[0]: 'any' cannot stand here; name tracked events (a group call joins by itself)",
        ),
        (
            "{join: [$group]}",
            "5: identity.join[0]: '$group' cannot stand here; name tracked events (a group call joins by itself)",
        ),
        (
            "{join: Seat Given, leave: [Seat Taken, Seat Given]}",
            "5: identity.leave[1]: 'Seat Given' stands under join too; an event can only do one of the two",
        ),
        (
            "{leave: Account Added User}",
            "5: identity.leave: 'Account Added User' stands under join too; an event can only do one of the two",
        ),
        ("{hold: 31d}", "5: identity.hold: events wait for at most '30d'; write that or less"),
        ("{hold: 7}", "5: identity.hold: 7 is not a span; write a number and a unit, as in '7d'"),
        ("{joins: Seat Given}", "5: identity.joins: there is no such key here; did you mean 'join'?"),
    ],
)
def test_a_fault_in_identity_is_told_with_its_remedy(written: str, told: str) -> None:
    spoiled = SOUND.replace("{join: Seat Given, leave: [Seat Taken, Account Removed User], hold: 30d}", written)
    with pytest.raises(JourneyError) as refused:
        read_journey(spoiled.encode())
    assert str(refused.value) == f"journey:{told}"
