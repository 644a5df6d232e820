"""The law *retraction*: only what came out of order takes anything back, and only what was said and stands."""

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.engine.outputs import AlertChanged, AlertStatus, StageChanged
from tests.laws.streams import Sent, per_account, streams
from tests.laws.test_law_state import replay


@settings(max_examples=60, deadline=None)
@given(stream=streams(delays=st.just(0)))
def test_where_all_comes_in_order_nothing_is_ever_retracted(stream: list[Sent]) -> None:
    for output in replay(stream):
        assert not isinstance(output, StageChanged) or output.retracts is None
        assert not isinstance(output, AlertChanged) or output.status is not AlertStatus.RETRACTED


@settings(max_examples=60, deadline=None)
@given(stream=streams())
def test_what_is_retracted_was_said_and_not_yet_ended(stream: list[Sent]) -> None:
    for said in per_account(replay(stream)).values():
        moves = [output for output in said if isinstance(output, StageChanged)]
        for before, move in zip([None, *moves], moves, strict=False):
            if move.retracts is not None:
                assert before is not None
                assert move.retracts == before.id
                assert (move.from_stage, move.to_stage) == (before.to_stage, before.from_stage)
        _ends_follow_firings([output for output in said if isinstance(output, AlertChanged)])


def _ends_follow_firings(alerts: list[AlertChanged]) -> None:
    firing: dict[str, int] = {}
    for alert in alerts:
        if alert.contact is not None and alert.contact.attempt > 1:  # told again with a later decision
            assert firing[alert.rule] == alert.episode
        elif alert.status is AlertStatus.FIRING:
            assert alert.rule not in firing
            firing[alert.rule] = alert.episode
        else:
            assert firing.pop(alert.rule) == alert.episode
