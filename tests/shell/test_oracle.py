"""The oracle can fail: it tells a lost, a doubled, a swapped, a changed and an unjustified record."""

import json
from collections.abc import Callable

import pytest

from tests.oracle import JUDGED, Said, differences, said_of


def bodies() -> list[dict[str, object]]:
    return [{"id": f"{n:032x}", "account_id": "acme", "detected_at": "now", "at": f"{n}"} for n in range(4)]


def said(of: list[dict[str, object]]) -> Said:
    return said_of({topic: [json.dumps(body).encode() for body in of] for topic in JUDGED})


def swapped(of: list[dict[str, object]]) -> list[dict[str, object]]:
    return [of[1], of[0], *of[2:]]


@pytest.mark.parametrize(
    ("harm", "verdict"),
    [
        (lambda of: of[:2] + of[3:], "is missing"),
        (lambda of: [*of, of[1]], "came 2 times"),
        (swapped, "the order differs"),
        (lambda of: [*of[:3], of[3] | {"at": "9"}], "reads otherwise: at"),
        (lambda of: [*of, of[0] | {"id": "f" * 32}], "is not justified"),
    ],
    ids=["lost", "doubled", "swapped", "changed", "invented"],
)
def test_the_oracle_tells(harm: Callable[[list[dict[str, object]]], list[dict[str, object]]], verdict: str) -> None:
    found = differences(said(bodies()), said(harm(bodies())))
    assert len(found) == len(JUDGED)
    assert all(verdict in one for one in found)


def test_when_it_was_detected_makes_no_difference() -> None:
    later = [body | {"detected_at": "later"} for body in bodies()]
    assert differences(said(bodies()), said(later)) == []
