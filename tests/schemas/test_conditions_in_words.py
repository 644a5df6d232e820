"""Conditions written short: tests in words, several keys for all of them. Each says what its long form says."""

import pytest

from schemas.journey import Condition
from schemas.reading import JourneyError, read_journey
from tests.small_journey import SMALL

SHORT = (
    ({"measure": "mau at least 3"}, {"measure": {"name": "mau", "at_least": 3}}),
    ({"measure": "evaluation below 0.5"}, {"measure": {"name": "evaluation", "below": 0.5}}),
    ({"date": "ends_at within 60d"}, {"date": {"trait": "ends_at", "within": "60d"}}),
    ({"date": "ends_at past 2w"}, {"date": {"trait": "ends_at", "past": "2w"}}),
    ({"trait": "plan is free for all"}, {"trait": {"name": "plan", "is": ["free for all"]}}),
    ({"trait": "seats at least 50"}, {"trait": {"name": "seats", "at_least": 50}}),
    ({"silent": "14d"}, {"silent": {"for": "14d"}}),
    ({"in_stage": "7d"}, {"in_stage": {"for": "7d"}}),
    ({"usage_drop": "critical"}, {"usage_drop": {"of": "any", "grade": "critical"}}),
    (
        {"stage": "trial", "none": [{"reached": "a"}], "in_stage": "7d"},
        {"all": [{"stage": "trial"}, {"none": [{"reached": "a"}]}, {"in_stage": {"for": "7d"}}]},
    ),
    (
        {"any": [{"reached": "a", "stage": "trial"}, {"reached": "b"}]},
        {"any": [{"all": [{"reached": "a"}, {"stage": "trial"}]}, {"reached": "b"}]},
    ),
)


@pytest.mark.parametrize(("short", "long"), SHORT, ids=[str(short) for short, _ in SHORT])
def test_a_condition_written_short_is_the_long_one(short: object, long: object) -> None:
    assert Condition.model_validate(short) == Condition.model_validate(long)


BOUND = "is no test; write it as 'NAME at least VALUE' or 'NAME below VALUE'"
WRONG = (
    ("{measure: actives > 2}", f"measure: 'actives > 2' {BOUND}"),
    ("{measure: at least 2}", f"measure: 'at least 2' {BOUND}"),
    ("{measure: actives at least two}", "measure: must be a number, not 'two'"),
    ("{measure: activs at least 2}", "measure: there is no measure 'activs'; did you mean 'actives'?"),
    ("{date: ends_at within 60 days}", "date: '60 days' is not a span; write '60d'"),
    ("{trait: ends_at is soon}", "trait: the trait 'ends_at' is a date, and this asks for a text; test it with 'date'"),
    ("{in_stage: 7d, reached: lookd}", "reached: there is no milestone 'lookd'; did you mean 'looked'?"),
)


@pytest.mark.parametrize(("condition", "told"), WRONG, ids=[condition for condition, _ in WRONG])
def test_a_fault_in_words_is_told_where_they_stand(condition: str, told: str) -> None:
    text = SMALL.replace("when: {did: Report Viewed}", f"when: {condition}")
    with pytest.raises(JourneyError) as caught:
        read_journey(text.encode())
    assert [str(fault) for fault in caught.value.faults] == [f"20: milestones.looked.when.{told}"]
