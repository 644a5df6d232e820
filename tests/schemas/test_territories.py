"""Territories: who would be handed to nobody is told before it happens."""

import pytest
import yaml

from schemas.reading import read_journey
from schemas.territories import uncovered
from tests.driver import journey
from tests.small_journey import REFERENCE

JOURNEY = """
traits: {employees: number, plan: text, country: text}
segments:
  size: {trait: employees, bands: {small: {below: 50}, large: {}}}
  tier: {trait: plan, values: [free, team]}
  country: {trait: country}
calendars: {office: {zone: UTC}}
"""


def told(**owners: object) -> list[str]:
    team = {"calendar": "office", "owners": {name: {"territory": territory} for name, territory in owners.items()}}
    return [str(note) for note in uncovered(journey(JOURNEY, teams={"sales": team}))]


FIVE = ", ".join(f"size {size}" for size in ("small and tier team", "small and tier other", "small and tier unknown",
                                              "large and tier free", "large and tier team"))  # fmt: skip
SALES = "teams.sales.owners: nobody takes accounts with"


@pytest.mark.parametrize(
    ("owners", "notes"),
    [
        ({"Kim": None}, []),
        ({"Kim": {"size": "small"}, "Lee": None}, []),
        ({"Kim": {"size": ["small", "unknown"]}, "Lee": {"size": "large"}}, []),
        ({"Kim": {"size": ["small", "large"]}}, ["size unknown"]),
        ({"Kim": {"tier": "team"}, "Lee": {"tier": "free"}}, ["tier other, tier unknown"]),
        ({"Kim": {"country": "DE"}}, ["country anything else"]),
        ({"Kim": {"size": "small", "tier": "free"}}, [f"{FIVE} and more"]),
        (
            {"Kim": {"size": "small"}, "Lee": {"tier": ["free", "team", "other"]}},
            ["size large and tier unknown, size unknown and tier unknown"],
        ),
    ],
)  # fmt: skip
def test_segments_whose_accounts_fit_no_owner_are_told(owners: dict[str, object], notes: list[str]) -> None:
    assert told(**owners) == [f"{SALES} {note}" for note in notes]


def test_a_team_that_only_a_trait_fills_has_no_territory() -> None:
    teams = yaml.safe_load("sales: {calendar: office, owner_trait: plan}")
    assert list(uncovered(journey(JOURNEY, teams=teams))) == []


def test_in_the_reference_journey_somebody_takes_every_account() -> None:
    assert list(uncovered(read_journey(REFERENCE))) == []
