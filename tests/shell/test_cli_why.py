"""`journey explain ACCOUNT --rule RULE`: why a rule has its verdict, or why not."""

from pathlib import Path
from typing import Any

import pytest

from tests.shell.cli import JOURNEY, Ended, journey, journey_file, track

SIGNED_UP = track("Signed Up", at="2026-03-02T09:00:00Z")
LATER = track("Report Created", at="2026-03-06T09:00:00Z")
INVITED = track("Invited User", at="2026-03-06T10:00:00Z")
RULES = """\
  active_again:
    {kind: nudge, severity: info, cooldown: 10d, when: {did: {event: Report Created, within: 1d}}}
  paid: {kind: renewal, severity: info, once_per: plan, when: {did: Signed Up}}
  ended: {kind: nudge, severity: info, when: {did: Signed Up}, until: {did: Invited User}}
"""


def asked(folder: Path, rule: str, *events: bytes, options: tuple[str, ...] = ("--json",), rules: str = RULES) -> Ended:
    (folder / "events.jsonl").write_bytes(b"".join(events))
    text = JOURNEY.replace("events:\n", "traits: {plan: text}\nevents:\n", 1).replace(
        "    enter: {all:", "    dwell: 9d\n    enter: {all:"
    )
    given = "--journey", journey_file(folder, text + rules), "--replay", folder / "events.jsonl"
    return journey("explain", "acme", "--rule", rule, *given, *options)


def why(folder: Path, rule: str, *events: bytes, rules: str = RULES) -> Any:
    (said,) = asked(folder, rule, *events, rules=rules).data
    return said


def reasons(said: Any) -> list[tuple[str, str | None]]:
    return [(one["reason"], one["until"]) for one in said["held_back"]]


def test_what_is_missing_is_told_with_how_much(tmp_path: Path) -> None:
    said = why(tmp_path, "stages.active.enter", SIGNED_UP, INVITED)
    invited, users, complained = said["when"]["all"]
    assert (said["state"], said["holds"]) == ("open", False)
    assert (invited["met"], complained["met"]) == (True, True)
    assert (users["value"], users["at_least"], users["gap"]) == (1, 2, 1)


def test_what_time_alone_will_turn_is_told_with_the_instant(tmp_path: Path) -> None:
    assert why(tmp_path, "stages.dormant.enter", SIGNED_UP)["when"]["turns_at"] == "2026-03-09T09:00:00.000Z"


def test_an_alert_that_fires_says_since_when_and_what_would_end_it(tmp_path: Path) -> None:
    said = why(tmp_path, "alerts.no_invite", SIGNED_UP, LATER)
    assert (said["state"], said["since"], said["holds"]) == ("firing", "2026-03-05T09:00:00.000Z", True)
    assert said["until"]["met"] is False


def test_a_milestone_says_when_it_was_reached(tmp_path: Path) -> None:
    said = why(tmp_path, "milestones.invited", SIGNED_UP, INVITED)
    assert (said["state"], said["since"]) == ("reached", "2026-03-06T10:00:00.000Z")


def test_a_cooldown_holds_an_alert_back_until_its_end(tmp_path: Path) -> None:
    events = track("Report Created", at="2026-03-02T09:00:00Z"), LATER
    said = why(tmp_path, "alerts.active_again", *events)
    assert reasons(said) == [("cooldown", "2026-03-12T09:00:00.000Z")]


def test_an_alert_that_has_no_value_to_be_told_for_says_so(tmp_path: Path) -> None:
    assert reasons(why(tmp_path, "alerts.paid", SIGNED_UP)) == [("no_value", None)]


@pytest.mark.parametrize("plan", ["team"])
def test_an_alert_told_already_for_a_value_says_so(tmp_path: Path, plan: str) -> None:
    group = (
        b'{"type":"group","messageId":"%d","userId":"ann","groupId":"acme","traits":{"plan":"%s"},'
        b'"timestamp":"2026-03-0%dT12:00:00Z","receivedAt":"2026-03-0%dT12:00:00Z"}\n'
    )
    moves = [group % (day, name, day, day) for day, name in ((3, plan.encode()), (4, b"free"), (5, plan.encode()))]
    assert reasons(why(tmp_path, "alerts.paid", SIGNED_UP, *moves)) == [("told_already", None)]


def test_an_alert_that_contact_keeps_from_people_says_until_when(tmp_path: Path) -> None:
    hours = "{from: '20:00', to: '08:00', channels: [call], timezone: zone, otherwise: UTC}"
    quiet = f"contact: {{quiet_hours: {hours}, patience: 1d}}\n"
    rule = "  hello: {kind: nudge, severity: info, play: call, when: {did: {event: Signed Up, within: 2d}}}\n"
    at_night = track("Signed Up", at="2026-03-02T22:00:00Z")
    said = why(tmp_path, "alerts.hello", at_night, rules=rule + quiet)
    assert (said["state"], reasons(said)) == ("firing", [("contact", "2026-03-03T08:00:00.000Z")])


def test_an_alert_that_ended_while_its_condition_held_says_what_must_come_first(tmp_path: Path) -> None:
    said = why(tmp_path, "alerts.ended", SIGNED_UP, INVITED)
    assert (said["holds"], reasons(said)) == (True, [("ended", None)])


def test_a_stage_that_cannot_be_entered_from_here_says_whence_it_can(tmp_path: Path) -> None:
    said = why(tmp_path, "stages.dormant.exit.previous", SIGNED_UP)
    assert [one["says"] for one in said["held_back"]] == ["it leads from dormant; the account is in trial"]


def test_a_dwell_keeps_the_account_in_its_stage(tmp_path: Path) -> None:
    bob = track("Report Created", at="2026-03-06T11:00:00Z", user="bob")
    said = why(tmp_path, "stages.dormant.enter", SIGNED_UP, INVITED, bob)
    assert reasons(said) == [("dwell", "2026-03-15T11:00:00.000Z")]
    assert why(tmp_path, "stages.active.enter", SIGNED_UP, INVITED, bob)["state"] == "entered"


def test_people_read_it_as_a_tree(tmp_path: Path) -> None:
    ended = asked(tmp_path, "stages.active.enter", SIGNED_UP, INVITED, options=())
    lines = ended.out.splitlines()
    assert lines[0] == "stages.active.enter of acme: its condition does not hold"
    assert any(line.endswith("✗ week_users at least 2: 1, 1 to go") for line in lines)


def test_a_rule_the_journey_does_not_have_ends_with_2_and_says_which_was_meant(tmp_path: Path) -> None:
    ended = asked(tmp_path, "alerts.no_invites", SIGNED_UP)
    assert ended.code == 2
    assert "there is no rule 'alerts.no_invites' in this journey; did you mean 'alerts.no_invite'?" in ended.err
