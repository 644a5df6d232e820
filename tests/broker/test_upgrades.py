"""Workers of two versions in one group: a rolling upgrade, and what becomes of it when the new version goes again."""

import sys
from pathlib import Path

import msgspec
import pytest

from schemas.state import VERSION
from tests.broker.journey_driver import JourneyPlane
from tests.broker.plane_driver import JOURNEY_WORKER, Worker, wait_until
from tests.traffic import Traffic

pytestmark = pytest.mark.broker

NEXT = (sys.executable, "-m", "tests.broker.next_version", "worker")


def started(plane: JourneyPlane, instance: str, command: tuple[str, ...]) -> Worker:
    """A worker of one version or the other, once it has its partitions."""
    plane.command = command
    worker = plane.worker(instance)
    wait_until(lambda: worker.says("restored"))
    return worker


def has_written(plane: JourneyPlane, version: int) -> bool:
    clocks = [r.value() for r in plane.records(plane.topics.state_changelog, 1) if r.key() == b"k"]
    return any(msgspec.msgpack.decode(clock or b"")[0] == version for clock in clocks)


def test_in_a_rolling_upgrade_no_old_worker_goes_on_with_what_a_new_one_wrote(
    bootstrap_servers: str, topic_prefix: str, tmp_path: Path
) -> None:
    plane = JourneyPlane(bootstrap_servers, topic_prefix, tmp_path, Traffic()).create_topics()
    half = len(plane.traffic) // 2
    plane.send_all(plane.traffic[:half])
    old = started(plane, "one", JOURNEY_WORKER)
    wait_until(lambda: has_written(plane, VERSION))
    new = started(plane, "two", NEXT)
    plane.send_all(plane.traffic[half:])
    wait_until(lambda: has_written(plane, VERSION + 1))
    assert old.process.poll() is None, "two versions do not live side by side"

    assert new.terminate()[0] == 0  # its partitions move back
    assert old.ends(within_s=30) == 1
    (said,) = (line["message"] for line in old.lines() if line["message"].startswith("the worker ends"))
    assert f"states of version {VERSION + 1}, this program reads up to {VERSION}: run the later one" in said

    started(plane, "one", NEXT)
    plane.says_what_a_replay_says()
    plane.close()
