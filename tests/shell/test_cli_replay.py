import os
import shlex
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
    assert summary["dead_letters"] == {"not_json": 1}


def test_what_is_no_events_at_all_is_told_by_its_reasons(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(b"\x1f\x8b\x08\x00\n[1, 2]\n")
    ended = journey("replay", tmp_path / "events.jsonl", "--journey", journey_file(tmp_path), "--out", tmp_path / "out")
    assert "dead letters: not_an_object 1, not_utf8 1" in ended.out
    assert (ended.code, "no line is an event" in ended.err) == (1, True)


def test_a_byte_order_mark_costs_no_line(tmp_path: Path, events: Path) -> None:
    events.write_bytes(b"\xef\xbb\xbf" + EVENTS)
    ended = journey("replay", events, "--journey", journey_file(tmp_path), "--out", tmp_path / "out", "--json")
    (summary,) = ended.data
    assert summary["dead_letters"] == {"not_json": 1}  # the torn line alone


@pytest.mark.parametrize("missing", ["events", "journey"])
def test_a_missing_file_is_named_and_nothing_is_made(tmp_path: Path, events: Path, missing: str) -> None:
    given = {"events": events, "journey": journey_file(tmp_path), missing: tmp_path / "nowhere"}
    ended = journey("replay", given["events"], "--journey", given["journey"], "--out", tmp_path / "out")
    assert ended.code == 2
    assert "nowhere" in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "out").exists()


def test_standard_input_that_is_closed_is_told(tmp_path: Path) -> None:
    command = [*PROGRAM, "replay", "-", "--journey", str(journey_file(tmp_path)), "--out", str(tmp_path / "out")]
    shell = ["/bin/sh", "-c", f"{shlex.join(command)} <&-"]
    ended = subprocess.run(shell, env=environment({}), capture_output=True, text=True, check=False, timeout=30)
    assert (ended.returncode, "standard input is closed" in ended.stderr) == (2, True), ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_the_folder_as_it_was(tmp_path: Path, number: signal.Signals) -> None:
    command = [*PROGRAM, "replay", "-", "--journey", str(journey_file(tmp_path)), "--out", str(tmp_path / "a" / "b")]
    read, write = os.pipe()
    with subprocess.Popen(command, stdin=read, env=environment({})) as running, os.fdopen(write, "wb", 0) as stdin:
        stdin.write(EVENTS * 500)  # more than a pipe holds: once written, the replay is reading
        running.send_signal(number)
        assert running.wait(30) == 128 + number
    os.close(read)
    assert not (tmp_path / "a").exists()
