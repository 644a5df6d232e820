"""Exactly once, on a real broker: whatever happens to the workers, a `read_committed` reader sees each event once."""

import signal
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import OffsetSpec

from tests.broker.plane_driver import PARTITIONS, Page, Plane, free_port, wait_until

pytestmark = pytest.mark.broker


def test_events_pass_both_stages_and_bad_input_is_kept_with_its_reason(plane: Plane) -> None:
    plane.send(500)
    plane.send_raw(b"\xff not json", b"u1")
    plane.send_raw(None, b"u1")
    plane.send(500)
    plane.worker()
    plane.shows_each_event_once()
    assert plane.read(plane.topics.dead_letters, 2) == [(b"u1", b"\xff not json"), (b"u1", None)]


def test_a_worker_killed_again_and_again_under_load_loses_and_doubles_nothing(plane: Plane) -> None:
    plane.dies_again_and_again(plane.under_load(12_000, per_second=1500), times=6, seed=7)
    plane.shows_each_event_once()


def test_a_second_worker_joins_and_leaves_under_load(plane: Plane) -> None:
    plane.is_joined_for_a_while(plane.under_load(10_000, per_second=1000), seconds=1.0)
    plane.shows_each_event_once()


def test_a_second_worker_dies_under_load_and_the_first_takes_over(plane: Plane) -> None:
    first, second = plane.worker("one"), plane.worker("two")
    load = plane.under_load(8_000, per_second=1000)
    wait_until(lambda: first.says("restored") and second.says("restored"))
    load.join(1.0)
    second.kill()
    load.join()
    plane.shows_each_event_once()


def test_a_stopped_worker_ends_soon_and_well_under_load(plane: Plane) -> None:
    plane.send(20_000)
    worker = plane.worker()
    wait_until(lambda: worker.says("restored"))
    code, seconds = worker.terminate()
    assert (code, seconds < 8.0) == (0, True)
    plane.worker()
    plane.shows_each_event_once()


def test_a_fault_in_a_stage_ends_the_worker_and_nothing_is_skipped(plane: Plane) -> None:
    plane.send(2000)
    plane.send(1, poison="yes")
    plane.send(2000)
    worker = plane.worker(POISON="yes")
    assert worker.ends(within_s=30) == 1
    assert "quotes" not in worker.log.read_text()
    assert "poison" not in worker.log.read_text()
    plane.worker()
    plane.shows_each_event_once()


def test_a_fault_in_a_snapshot_ends_the_worker_too(plane: Plane) -> None:
    plane.send(100)
    worker = plane.worker(FORGETFUL="yes")
    assert worker.ends(within_s=30) == 1
    assert "quotes" not in worker.log.read_text()
    plane.worker()
    plane.shows_each_event_once()


def test_time_alone_makes_outputs_in_the_same_transactions(plane: Plane) -> None:
    plane.send(200)
    plane.worker(CHIMES="yes", JOURNEY_LIVE="true")
    wait_until(lambda: sum(b"chime" in (value or b"") for _, value in plane.read(plane.topics.transitions, 200)) >= 40)


def test_without_its_topics_a_worker_says_what_to_run(
    bootstrap_servers: str, topic_prefix: str, tmp_path: Path
) -> None:
    plane = Plane(bootstrap_servers, topic_prefix, tmp_path)
    worker = plane.worker()
    assert worker.ends(within_s=30) == 1
    (line,) = worker.lines()
    assert "journey topics create" in line["message"]


def tells_the_wall_clock(plane: Plane) -> None:
    now_ms = time.time_ns() // 1_000_000
    wait_until(lambda: any(len(m) == 4 and all(clock > now_ms for clock, _ in m.values()) for m in plane.told()))


def test_a_live_worker_that_is_caught_up_tells_the_wall_clock(plane: Plane) -> None:
    plane.send(100)
    plane.worker(JOURNEY_LIVE="true")
    plane.shows_each_event_once()
    tells_the_wall_clock(plane)


def tells_the_wall_clock_and_no_later(plane: Plane) -> None:
    tells_the_wall_clock(plane)
    latest = max(clock for m in plane.told() for clock, _ in m.values())
    assert latest <= time.time_ns() // 1_000_000


@pytest.fixture
def hours_off(tmp_path: Path) -> Path:
    """A file that says by how many hours the worker's clock is wrong."""
    file = tmp_path / "hours_off"
    file.write_text("0")
    return file


@pytest.mark.parametrize("hours", ["-2", "2"])
def test_a_live_worker_whose_clock_is_wrong_tells_the_brokers_time(plane: Plane, hours: str, hours_off: Path) -> None:
    hours_off.write_text(hours)
    plane.send(100)
    plane.worker(JOURNEY_LIVE="true", CLOCK_OFF_HOURS=str(hours_off))
    plane.shows_each_event_once()
    tells_the_wall_clock_and_no_later(plane)


@pytest.mark.parametrize("hours", ["-2", "2"])
def test_so_does_one_whose_clock_is_set_while_it_works(plane: Plane, hours: str, hours_off: Path) -> None:
    plane.send(100)
    plane.worker(JOURNEY_LIVE="true", CLOCK_OFF_HOURS=str(hours_off))
    tells_the_wall_clock(plane)
    hours_off.write_text(hours)
    tells_the_wall_clock_and_no_later(plane)


def test_a_clock_that_is_set_makes_no_source_idle_any_sooner(plane: Plane, hours_off: Path) -> None:
    plane.worker(JOURNEY_LIVE="false", JOURNEY_IDLE_AFTER_S="5", CLOCK_OFF_HOURS=str(hours_off))
    began = time.monotonic()
    plane.send(100)
    plane.shows_each_event_once()
    hours_off.write_text("2")
    wait_until(lambda: any(idle for m in plane.told() for _, idle in m.values()))
    assert time.monotonic() - began > 5


def test_a_worker_that_is_not_live_tells_arrivals_only_and_who_is_idle(plane: Plane) -> None:
    plane.send(100)
    sent_by_ms = time.time_ns() // 1_000_000
    plane.worker(JOURNEY_LIVE="false", JOURNEY_IDLE_AFTER_S="1")
    wait_until(lambda: any(len(m) == 4 and all(idle for _, idle in m.values()) for m in plane.told()))
    assert all(clock <= sent_by_ms for m in plane.told() for clock, _ in m.values())


def test_a_source_that_ends_in_a_transaction_marker_is_caught_up_too(plane: Plane) -> None:
    plane.send_in_transaction(100)
    plane.worker(JOURNEY_LIVE="true")
    plane.shows_each_event_once()
    tells_the_wall_clock(plane)


def test_the_pages_say_ready_alive_and_the_metrics(plane: Plane) -> None:
    plane.send(100)
    port = free_port()
    plane.worker(JOURNEY_WEB_PORT=str(port))
    plane.shows_each_event_once()
    pages = {page: urlopen(f"http://127.0.0.1:{port}/{page}", timeout=5).read() for page in ("readyz", "livez")}
    assert pages == {"readyz": b"ok", "livez": b"ok"}
    metrics = urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
    assert f'journey_outputs_total{{topic="{plane.topics.transitions}"}} 100.0' in metrics
    assert 'journey_events_total{disposition="applied",stage="follow"} 100.0' in metrics


def test_a_worker_whose_port_is_taken_says_so(plane: Plane) -> None:
    port = str(free_port())
    first = plane.worker("one", JOURNEY_WEB_PORT=port)
    wait_until(lambda: first.says("started"))
    second = plane.worker("two", JOURNEY_WEB_PORT=port)
    assert second.ends(within_s=30) == 1
    said = "the worker ends: its web port is taken; set another JOURNEY_WEB_PORT, or 0 for no pages"
    assert second.says(said)


def test_a_worker_that_was_asleep_too_long_ends_and_says_nothing_more(plane: Plane) -> None:
    sleeper = plane.worker("one", JOURNEY_TRANSACTION_TIMEOUT_MS="3000")
    load = plane.under_load(9_000, per_second=1000)
    wait_until(lambda: sleeper.says("restored"))
    load.join(1.0)
    sleeper.process.send_signal(signal.SIGSTOP)
    plane.worker("two")
    load.join()
    plane.shows_each_event_once()
    sleeper.process.send_signal(signal.SIGCONT)
    assert sleeper.ends(within_s=30) == 1
    plane.shows_each_event_once()


def test_work_that_can_wait_holds_no_event_up_even_if_it_never_ends(plane: Plane) -> None:
    plane.worker(ENDLESS="1")
    plane.send(200)
    plane.shows_each_event_once()


def test_no_source_shows_a_lag_once_all_of_it_is_read_though_transactions_leave_their_markers(plane: Plane) -> None:
    port = free_port()
    page = Page(port)
    plane.send(100)
    plane.worker(JOURNEY_WEB_PORT=str(port), JOURNEY_LIVE="false")
    plane.shows_each_event_once()
    ends = plane.admin.list_offsets({TopicPartition(plane.topics.account_events, 0): OffsetSpec.latest()})
    assert all(end.result(10).offset > 0 for end in ends.values())

    def lags() -> list[float]:
        return [one.value for one in page.samples("journey_partition_lag_messages")]

    wait_until(lambda: len(lags()) == 2 * PARTITIONS and not any(lags()))
