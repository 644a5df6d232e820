"""The reports on plays and on holdouts, as people ask for them."""

from pathlib import Path
from typing import Any

import pytest

from tests.shell.cli import JOURNEY, journey, journey_file, track

HOLDOUT = """
contact: {holdout: {share: 0.5, salt: one, within: 2d, outcomes: {stayed: {reached: invited}, left: {stage: dormant}}}}
"""


def test_plays_are_mapped_to_the_stages_they_serve_and_what_is_missing_is_listed(tmp_path: Path) -> None:
    (said,) = journey("report", "plays", "--journey", journey_file(tmp_path), "--json").data
    served: Any = said["served"]
    assert [(one["stage"], one["plays"]) for one in served] == [(s, ["call"]) for s in ("trial", "active", "dormant")]
    assert said["plays"] == [{"play": "call", "content": "Call them", "channel": "call", "owner": "Sales"}]
    assert said["missing"] == []
    told = journey("report", "plays", "--journey", journey_file(tmp_path, JOURNEY.replace(", owner: Sales", "")))
    assert told.code == 0
    assert told.out.splitlines()[-1] == "missing: plays.call: it has no owner"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    events = tmp_path / "events.jsonl"
    events.write_bytes(
        track("Signed Up", at="2026-03-02T09:00:00Z") + track("Invited User", at="2026-03-06T09:00:00Z")
        + track("Signed Up", at="2026-03-30T09:00:00Z")
    )  # fmt: skip
    ended = journey("replay", events, "--journey", journey_file(tmp_path, JOURNEY + HOLDOUT), "--out", tmp_path / "out")
    assert ended.code == 0, ended.err
    return tmp_path / "out"


def test_a_holdout_is_read_out_from_what_a_replay_wrote(tmp_path: Path, out: Path) -> None:
    asked = ("report", "holdout", out, "--journey", journey_file(tmp_path, JOURNEY + HOLDOUT))
    (said,) = journey(*asked, "--json").data
    outcomes: Any = said["outcomes"]
    stayed, left = outcomes
    groups = [stayed["treatment"], stayed["holdout"]]
    assert sorted((group["accounts"], group["met"]) for group in groups) == [(0, 0), (1, 1)]
    assert stayed["difference"] is stayed["interval"] is None
    assert left["outcome"] == "left"
    told = journey(*asked)
    assert told.code == 0
    assert "stayed" in told.out


def test_without_a_holdout_or_files_the_question_is_wrong(tmp_path: Path, out: Path) -> None:
    ended = journey("report", "holdout", out, "--journey", journey_file(tmp_path))
    assert (ended.code, "no holdout" in ended.err) == (2, True)
    file = journey_file(tmp_path, JOURNEY + HOLDOUT)
    ended = journey("report", "holdout", tmp_path / "nowhere", "--journey", file)
    assert (ended.code, "alerts.jsonl" in ended.err) == (2, True)
