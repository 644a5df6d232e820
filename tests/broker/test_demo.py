"""The demo on a real Kafka: the engine's own verdicts come back, and nothing is left of it however it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

pytestmark = pytest.mark.broker

COMMAND = [sys.executable, "-c", "from streams.cli import main; main()", "demo", "--accounts", "12"]
ENDS_S = 90.0


@contextmanager
def demo(*options: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """A demo; it outlives no test, not even one that failed."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*COMMAND, *options], text=True, env=os.environ | env, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            process.kill()


def wait_for_line(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    said = any(text in line for line in process.stdout)
    assert said, f"the demo ended before it said '{text}': {process.stderr.read()}"


def descendants(pid: int) -> dict[int, str]:
    """All processes that a process has started, and what they are."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    found: dict[int, str] = {}
    parents = {pid}
    while parents:
        children = {int(row[0]): row[2] for row in rows if int(row[1]) in parents}
        found |= children
        parents = set(children)
    return found


def still_runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def assert_all_end(pids: dict[int, str]) -> None:
    deadline = time.monotonic() + 5
    while left := [args for pid, args in pids.items() if still_runs(pid)]:
        assert time.monotonic() < deadline, f"left running: {left}"
        time.sleep(0.02)


def test_the_engines_own_verdicts_come_back_from_kafka_and_the_topics_go(
    bootstrap_servers: str, admin: AdminClient
) -> None:
    with demo("--json", JOURNEY_BOOTSTRAP_SERVERS=bootstrap_servers) as process:
        said, complaints = process.communicate(timeout=ENDS_S)
    told = json.loads(said)
    assert (process.returncode, complaints, told["problems"]) == (0, "", [])
    assert told["equal_to_engine"] == sum(told["verdicts"].values()) > 200
    assert told["latency_ms"]["verdicts"] > 100
    assert not [name for name in admin.list_topics(timeout=10).topics if name.startswith("demo-")]


@pytest.mark.parametrize("moment", ["starting Kafka", "starting the worker", " of 120: "])
def test_ctrl_c_leaves_nothing_behind(moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNEY_BOOTSTRAP_SERVERS", raising=False)
    with demo(TMPDIR=str(tmp_path)) as process:
        wait_for_line(process, moment)
        started = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=ENDS_S)
    assert (process.returncode, complaints) == (130, "")
    assert_all_end(started)
    assert not list(tmp_path.iterdir())


def test_a_worker_that_dies_ends_the_demo_with_its_last_words(bootstrap_servers: str) -> None:
    with demo(JOURNEY_BOOTSTRAP_SERVERS=bootstrap_servers) as process:
        wait_for_line(process, " of 120: ")
        started = descendants(process.pid)
        os.kill(
            next(pid for pid, args in started.items() if args.endswith("worker") and "-S" not in args), signal.SIGKILL
        )
        _, complaints = process.communicate(timeout=ENDS_S)
    assert process.returncode == 1
    assert "the worker ended by itself" in complaints
    assert '"message":"started"' in complaints
    assert_all_end(started)
