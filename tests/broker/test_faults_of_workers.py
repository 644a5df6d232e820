"""Workers that die, hang or lose their place at the worst moments; readers see each event once all the same."""

import signal
import time

import pytest

from streams.settings import Settings
from tests.broker.mortal import STEPS
from tests.broker.plane_driver import Plane, wait_until

pytestmark = pytest.mark.broker


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_dies_at_a_step_of_its_commit_loses_and_doubles_nothing(plane: Plane, step: str) -> None:
    load = plane.under_load(3_000, per_second=1500)
    for transaction in (1, 4):
        worker = plane.worker(DIES_AT=step, DIES_IN=str(transaction))
        assert worker.ends(within_s=30) == -signal.SIGKILL
    plane.worker()
    load.join()
    plane.shows_each_event_once()


def test_with_the_default_settings_another_worker_has_taken_over_within_15_s(plane: Plane) -> None:
    session = {"JOURNEY_SESSION_TIMEOUT_MS": str(Settings.model_fields["session_timeout_ms"].default)}
    first, second = plane.worker("one", **session), plane.worker("two", **session)
    wait_until(lambda: first.says("restored") and second.says("restored"))
    plane.send(400)
    plane.shows_each_event_once()
    second.kill()
    killed_at = time.monotonic()
    plane.send(400)
    plane.shows_each_event_once(within_s=15)
    assert time.monotonic() - killed_at < 15


def test_a_worker_told_to_stop_in_the_middle_of_its_commits_ends_well(plane: Plane) -> None:
    load = plane.under_load(8_000, per_second=1500)
    for _ in range(4):
        worker = plane.worker()
        wait_until(lambda worker=worker: worker.says("restored"))  # type: ignore[misc]
        load.join(0.4)
        assert worker.terminate()[0] == 0
    plane.worker()
    load.join()
    plane.shows_each_event_once()


def test_a_worker_of_another_journey_stays_out_of_the_group(plane: Plane) -> None:
    first = plane.worker("one")
    wait_until(lambda: first.says("restored"))
    other = plane.worker("two", FOLLOWS="another")
    assert other.ends(within_s=15) == 1
    assert "follows the journey plane, and this worker another" in other.log.read_text()
    plane.send(400)
    plane.shows_each_event_once()


def test_of_workers_of_two_journeys_that_join_at_one_instant_not_both_stay(plane: Plane) -> None:
    workers = [plane.worker(name, FOLLOWS=name) for name in ("one", "two")]
    wait_until(lambda: any(worker.process.poll() == 1 for worker in workers))
    assert any("each would read a part of the events" in worker.log.read_text() for worker in workers)


def test_five_workers_join_and_leave_under_load(plane: Plane) -> None:
    load = plane.under_load(10_000, per_second=1000)
    first = plane.worker("one")
    wait_until(lambda: first.says("restored"))
    for number in range(5):
        other = plane.worker("two")
        wait_until(lambda other=other: other.says("assigned"))  # type: ignore[misc]
        load.join(0.2 * (number % 3))
        assert other.terminate()[0] == 0
    load.join()
    plane.shows_each_event_once()
    assert first.process.poll() is None


def test_a_worker_that_comes_under_a_name_in_use_replaces_the_first_which_says_why_it_ends(plane: Plane) -> None:
    first = plane.worker("one")
    wait_until(lambda: first.says("restored"))
    plane.send(40)
    second = plane.worker("one")
    assert first.ends(within_s=30) == 1
    assert any("JOURNEY_INSTANCE, which must be unique" in line["message"] for line in first.lines())
    plane.send(40)
    plane.shows_each_event_once()
    assert second.process.poll() is None


def test_a_worker_whose_client_does_not_come_back_from_a_commit_ends(plane: Plane) -> None:
    load = plane.under_load(3_000, per_second=1000)
    worker = plane.worker(STUCK_PRODUCER="yes")
    assert worker.ends(within_s=40) == 1
    assert worker.says("the worker ends: a call of librdkafka's that may take 5 s has not come back for 6 s")
    plane.worker()
    load.join()
    plane.shows_each_event_once()


def test_a_worker_that_fetches_nothing_from_a_partition_though_messages_are_there_ends(plane: Plane) -> None:
    load = plane.under_load(7_000, per_second=500)  # for longer than it takes: the others' messages keep coming
    worker = plane.worker(DEAF_CONSUMER="yes")
    assert worker.ends(within_s=60) == 1
    last_words = (
        f"the worker ends: {plane.topics.events}[0]: nothing is fetched from offset 0 on, though messages are there"
    )
    assert worker.says(last_words)
    plane.worker()
    load.join()
    plane.shows_each_event_once()
