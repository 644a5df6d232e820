"""`journey report drivers`: the drivers of churn over all accounts, by risk x revenue."""

from pathlib import Path

from tests.shell.cli import Ended, journey, journey_file, track

JOURNEY = """\
journey: 1
name: small
version: 1
events: {Signed Up: , Report Created: }
traits: {mrr: number}
revenue: mrr
stages: {trial: {initial: true}}
drivers:
  no_report: {risk: 0.5, when: {none: [{did: Report Created}]}}
  no_signup: {risk: 0.25, when: {none: [{did: Signed Up}]}}
"""


def group(account: str, mrr: int) -> bytes:
    return (
        f'{{"type":"group","messageId":"g-{account}","userId":"ann-{account}","groupId":"{account}",'
        f'"traits":{{"mrr":{mrr}}},"timestamp":"2026-03-02T08:00:00Z","receivedAt":"2026-03-02T08:00:00Z"}}\n'
    ).encode()


def reported(folder: Path, *options: str) -> Ended:
    events = [
        group("acme", 10_000),
        group("globex", 90_000),
        track("Signed Up", at="2026-03-02T09:00:00Z"),
        track("Report Created", at="2026-03-02T09:00:00Z", account="globex", user="bob"),
        track("Report Created", at="2026-03-02T09:00:00Z", account="initech", user="cyd"),
        track("Signed Up", at="2026-03-04T09:00:00Z", account="last", user="zoe"),
    ]
    (folder / "events.jsonl").write_bytes(b"".join(events))
    given = "--journey", journey_file(folder, JOURNEY), "--out", folder / "out"
    assert journey("replay", folder / "events.jsonl", *given).code == 0
    return journey("report", "drivers", folder / "out" / "accounts.jsonl", *options)


def test_drivers_are_ranked_over_all_accounts_by_what_is_at_stake(tmp_path: Path) -> None:
    found = [
        (one["driver"], one["accounts"], one["unvalued"], one["at_stake"]) for one in reported(tmp_path, "--json").data
    ]
    assert found == [("no_signup", 2, 1, 22_500), ("no_report", 1, 0, 5_000)]


def test_a_driver_names_the_accounts_with_most_at_stake_and_the_losses_to_expect(tmp_path: Path) -> None:
    first, _ = reported(tmp_path, "--json").data
    assert (first["top"], first["expected_losses"]) == ([["globex", 22_500]], 0.5)


def test_people_read_a_table_in_major_units(tmp_path: Path) -> None:
    head, first, _ = reported(tmp_path).out.splitlines()
    assert head.split()[:2] == ["driver", "accounts"]
    assert first.split()[:3] == ["no_signup", "2", "225"]


def test_a_file_of_something_else_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_text('{"a":1}\n')
    ended = journey("report", "drivers", tmp_path / "other.jsonl")
    assert ended.code == 2
    assert "no account records" in ended.err
