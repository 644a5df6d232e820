from pathlib import Path
from typing import Any

import pytest

from tests.shell.cli import JOURNEY, journey, journey_file

FAULTY = JOURNEY.replace("within: 3d", "within: 3 days").replace("from: trial", "from: trail")


def test_a_good_journey_is_summed_up(tmp_path: Path) -> None:
    ended = journey("check", journey_file(tmp_path), "--json")
    (summary,) = ended.data
    assert ended.code == 0
    assert (summary["stages"], summary["milestones"], summary["measures"], summary["alerts"]) == (3, 1, 1, 1)


def test_an_event_without_owner_is_warned_of_once_others_have_one(tmp_path: Path) -> None:
    ended = journey("check", journey_file(tmp_path, JOURNEY.replace("Signed Up:\n", "Signed Up: {owner: Growth}\n", 1)))
    told = "events: other events name an owner, these name none: Invited User, Report Created, Complained"
    assert ended.code == 0
    assert f"warning: {told}; give each its 'owner'" in ended.out
    assert "warning" not in journey("check", journey_file(tmp_path)).out


def test_a_play_without_owner_is_warned_of_and_is_no_fault(tmp_path: Path) -> None:
    path = journey_file(tmp_path, JOURNEY.replace(", owner: Sales", ""))
    ended = journey("check", path)
    assert ended.code == 0
    assert ended.out.splitlines()[-1] == "  warning: plays.call: it has no owner"
    (summary,) = journey("check", path, "--json").data
    assert summary["warnings"] == ["plays.call: it has no owner"]


def test_every_fault_is_told_at_once_with_line_path_and_remedy(tmp_path: Path) -> None:
    path = journey_file(tmp_path, FAULTY)
    ended = journey("check", path)
    assert ended.code == 2
    stage, span = ended.err.splitlines()
    assert stage.startswith(f"{path}:16: stages.active.from: ")
    assert stage.endswith("did you mean 'trial'?")
    assert span.endswith("write '3d'")


def test_faults_are_data_too(tmp_path: Path) -> None:
    ended = journey("check", journey_file(tmp_path, FAULTY), "--json")
    (told,) = ended.data
    assert ended.code == 2
    faults: Any = told["faults"]
    assert [fault["line"] for fault in faults] == [16, 23]


@pytest.mark.parametrize(
    "arguments", [["wrok"], ["check"], ["check", "a", "b"], ["topics", "create", "--partitions", "0"], ["--nope"]]
)
def test_a_wrong_question_ends_with_2_and_no_traceback(arguments: list[str]) -> None:
    ended = journey(*arguments)
    assert ended.code == 2
    assert "Error" in ended.err
    assert "Traceback" not in ended.err


def test_a_worker_tells_every_wrong_setting_on_a_line() -> None:
    ended = journey("worker", settings={"JOURNEY_LIVE": "maybe", "JOURNEY_WEB_PORT": "x"})
    assert ended.code == 2
    assert [line.partition(":")[0] for line in ended.err.splitlines()] == ["JOURNEY_LIVE", "JOURNEY_WEB_PORT"]


def test_a_worker_without_a_journey_says_where_to_name_one() -> None:
    ended = journey("worker")
    assert ended.code == 2
    assert ended.err.startswith("JOURNEY_FILE: ")


@pytest.mark.parametrize("command", ["tail alerts", "topics list", "dead-letters list", "explain acme"])
def test_a_cluster_that_is_not_there_is_one_line_and_1(tmp_path: Path, command: str) -> None:
    settings = {"JOURNEY_BOOTSTRAP_SERVERS": "127.0.0.1:1", "JOURNEY_FILE": str(journey_file(tmp_path))}
    ended = journey(*command.split(), settings=settings)
    assert ended.code == 1
    (line,) = ended.err.splitlines()
    assert "JOURNEY_BOOTSTRAP_SERVERS" in line


def test_the_version_is_told() -> None:
    assert journey("--version").out.startswith("journey ")
