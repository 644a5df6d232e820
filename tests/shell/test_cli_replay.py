import os
import signal
import subprocess
from pathlib import Path

import pytest

from streams.replay import FILES
from tests.shell.cli import PROGRAM, environment, journey, journey_file, track

EVENTS = b"".join(
    [
        track("Signed Up", at="2026-03-02T09:00:00Z"),
        track("Report Created", at="2026-03-03T09:00:00Z"),
        b'{"type": "track", "messageId"\n',
        track("Invited User", at="2026-03-06T09:00:00Z"),
        track("Invited User", at="2026-03-06T09:00:00Z"),
        track("Report Created", at="2026-03-06T10:00:00Z", user="bob"),
    ]
)


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(EVENTS)
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_second_run_writes_the_same_bytes(tmp_path: Path, events: Path) -> None:
    for out in ("one", "two"):
        ended = journey("replay", events, "--journey", journey_file(tmp_path), "--out", tmp_path / out)
        assert ended.code == 0, ended.err
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert files(tmp_path / "one").keys() == {f"{name}.jsonl" for name in FILES}


def test_standard_input_says_the_same_as_a_file(tmp_path: Path, events: Path) -> None:
    file = journey_file(tmp_path)
    journey("replay", events, "--journey", file, "--out", tmp_path / "file")
    journey("replay", "-", "--journey", file, "--out", tmp_path / "stdin", given=EVENTS)
    said, read = files(tmp_path / "file"), files(tmp_path / "stdin")
    del said["dead-letters.jsonl"], read["dead-letters.jsonl"]  # they name their input
    assert said == read


def test_the_summary_counts_every_message_once(tmp_path: Path, events: Path) -> None:
    ended = journey("replay", events, "--journey", journey_file(tmp_path), "--out", tmp_path / "out", "--json")
    (summary,) = ended.data
    assert summary["messages"] == 6
    assert summary["dispositions"] == {"applied": 4, "duplicate": 1, "late": 0, "dead_letter": 1, "forgotten": 0}


@pytest.mark.parametrize("missing", ["events", "journey"])
def test_a_missing_file_is_named_and_nothing_is_made(tmp_path: Path, events: Path, missing: str) -> None:
    given = {"events": events, "journey": journey_file(tmp_path), missing: tmp_path / "nowhere"}
    ended = journey("replay", given["events"], "--journey", given["journey"], "--out", tmp_path / "out")
    assert ended.code == 2
    assert "nowhere" in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "out").exists()


def test_ctrl_c_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    command = [*PROGRAM, "replay", "-", "--journey", str(journey_file(tmp_path)), "--out", str(tmp_path / "a" / "b")]
    read, write = os.pipe()
    with subprocess.Popen(command, stdin=read, env=environment({})) as running, os.fdopen(write, "wb", 0) as stdin:
        stdin.write(EVENTS * 500)  # more than a pipe holds: once written, the replay is reading
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 130
    os.close(read)
    assert not (tmp_path / "a").exists()
