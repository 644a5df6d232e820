"""Faults in `revenue`: the exact lines that are told."""

import pytest

from schemas.reading import JourneyError, read_journey

SOUND = """\
journey: 1
name: small
version: 1
events: {Signed Up: {}}
traits: {plan: text, mrr: number}
revenue: {mrr: mrr, currency: EUR, lost: churned}
stages: {trial: {initial: true}, churned: {from: trial, enter: {did: Signed Up}}}
"""


def test_revenue_without_faults_is_read() -> None:
    assert read_journey(SOUND.encode()).revenue is not None


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{mrr: mr}", "6: revenue.mrr: there is no trait 'mr'; did you mean 'mrr'?"),
        ("mr", "6: revenue: there is no trait 'mr'; did you mean 'mrr'?"),
        ("plan", "6: revenue: the trait 'plan' is a text, and revenue is a number; declare it as number"),
        ("{mrr: mrr, lost: [chured]}", "6: revenue.lost[0]: there is no stage 'chured'; did you mean 'churned'?"),
        (
            "{mrr: mrr, currency: euro}",
            "6: revenue.currency: 'euro' is not a currency; write three capitals, as in 'EUR'",
        ),
        ("{lost: churned}", "6: revenue.mrr: this key is missing; it must be given"),
        ("{mrr: mrr, trait: mrr}", "6: revenue.trait: there is no such key here; the keys are mrr, currency, lost"),
    ],
)
def test_a_fault_in_revenue_is_told_with_its_remedy(written: str, told: str) -> None:
    spoiled = SOUND.replace("{mrr: mrr, currency: EUR, lost: churned}", written)
    with pytest.raises(JourneyError) as refused:
        read_journey(spoiled.encode())
    assert told in [f"{fault.line}: {fault.path}: {fault.message}" for fault in refused.value.faults]
