"""The law *contact*: in no stream is a budget exceeded, anybody disturbed, anything sent twice or too late."""

from collections import defaultdict
from collections.abc import Mapping

from hypothesis import given, settings

from schemas.zones import zone
from streams.engine.outputs import AlertChanged, AlertStatus, ContactDecided
from streams.engine.quiet import QuietHours
from tests.laws.streams import JOURNEY, LATENESS_MS, SOURCE, Sent, streams
from tests.laws.test_law_state import replay

CONTACT = SOURCE.contact
assert CONTACT is not None
assert CONTACT.quiet_hours is not None


def decided(stream: list[Sent]) -> dict[str, list[tuple[int, AlertChanged, ContactDecided]]]:
    """By account, each decision on contact with when it was said."""
    arrivals = {str(sent.call["messageId"]): sent.arrived_at for sent in stream}
    found = defaultdict(list)
    for output in replay(stream):
        if isinstance(output, AlertChanged) and output.contact is not None:
            found[output.account].append((said_at(output, arrivals), output, output.contact))
    return found


def said_at(alert: AlertChanged, arrivals: Mapping[str, int]) -> int:
    if alert.is_again:
        return alert.at
    event = alert.evidence.get("event")
    return arrivals[event["message_id"]] if isinstance(event, dict) else alert.at + LATENESS_MS


@settings(max_examples=100, deadline=None)
@given(stream=streams())
def test_no_budget_is_ever_exceeded(stream: list[Sent]) -> None:
    assert CONTACT is not None
    account, user = CONTACT.budget.account, CONTACT.budget.user
    assert account is not None
    assert user is not None
    for told in decided(stream).values():
        due = [(at, alert.user) for at, alert, one in told if one.reason == "holdout" or one.decision == "send"]
        for at, who in due:
            assert sum(at <= other < at + account.within for other, _ in due) <= account.at_most
            if who is not None:
                assert sum(at <= other < at + user.within for other, one in due if one == who) <= user.at_most


@settings(max_examples=100, deadline=None)
@given(stream=streams())
def test_each_episode_is_sent_once_at_most_and_never_once_it_is_over(stream: list[Sent]) -> None:
    over, sent = set[str](), set[str]()
    for output in replay(stream):
        if not isinstance(output, AlertChanged):
            continue
        episode = f"{output.account} {output.rule} {output.episode}"
        if output.status is not AlertStatus.FIRING:
            over.add(episode)
        elif output.contact is not None and output.contact.decision == "send":
            assert episode not in over | sent
            sent.add(episode)


@settings(max_examples=100, deadline=None)
@given(stream=streams())
def test_what_waits_is_decided_at_the_instant_it_was_told_or_is_over_by_then(stream: list[Sent]) -> None:
    waiting: dict[str, tuple[int, int]] = {}
    for output in replay(stream):
        if not isinstance(output, AlertChanged):
            continue
        before = waiting.pop(f"{output.account} {output.rule}", None)
        if output.contact is not None and before is not None:
            assert (output.at, output.contact.attempt) == before
        if output.contact is not None and output.contact.not_before is not None:
            waiting[f"{output.account} {output.rule}"] = (output.contact.not_before, output.contact.attempt + 1)
    assert not waiting


@settings(max_examples=100, deadline=None)
@given(stream=streams())
def test_nobody_is_sent_a_letter_in_their_quiet_hours(stream: list[Sent]) -> None:
    assert CONTACT is not None
    assert CONTACT.quiet_hours is not None
    hours = QuietHours(CONTACT.quiet_hours.from_, CONTACT.quiet_hours.to)
    zones = [zone("America/New_York"), zone("Asia/Tokyo")]
    for told in decided(stream).values():
        for at, alert, one in told:
            if one.decision == "send" and alert.play in ("mail", "call"):
                assert not all(hours.holds(at, where) for where in zones)


def test_the_streams_try_every_reason_to_hold_an_alert_back() -> None:
    reasons = set[object]()

    @settings(max_examples=100, deadline=None)
    @given(stream=streams())
    def see(stream: list[Sent]) -> None:
        for told in decided(stream).values():
            reasons.update(one.reason or one.decision for _, _, one in told)

    see()
    assert JOURNEY.policy is not None
    assert reasons == {"send", "suppressed", "quiet_hours", "outranked", "budget", "holdout"}
