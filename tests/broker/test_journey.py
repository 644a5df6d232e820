"""The promise: whatever happens to the workers, readers see what one calm replay of the same messages says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker.journey_driver import JourneyPlane
from tests.broker.plane_driver import Page, free_port, wait_until
from tests.traffic import Traffic

pytestmark = pytest.mark.broker


@pytest.fixture
def plane(bootstrap_servers: str, topic_prefix: str, tmp_path: Path) -> Iterator[JourneyPlane]:
    plane = JourneyPlane(bootstrap_servers, topic_prefix, tmp_path, Traffic(accounts=100, dark=range(40, 43)))
    plane.create_topics()
    yield plane
    plane.close()


def figures_shown(port: int) -> dict[tuple[str, ...], float]:
    """What `journey_kpi` has, by kpi, of and period; nothing before the pages are up."""
    samples = Page(port).samples("journey_kpi")
    return {(one.labels["kpi"], one.labels["of"], one.labels["period"]): one.value for one in samples}


def test_a_worker_says_what_a_replay_says(plane: JourneyPlane) -> None:
    plane.send_all(plane.traffic)
    plane.worker()
    plane.says_what_a_replay_says()
    plane.tells_of_the_source()


def test_the_metrics_show_the_figures_of_the_open_periods_as_a_replay_has_them(plane: JourneyPlane) -> None:
    port = free_port()
    plane.send_all(plane.traffic)
    plane.worker(JOURNEY_WEB_PORT=str(port))
    expected = plane.figures_expected()
    assert len(expected) > 50
    wait_until(lambda: figures_shown(port) == expected)


def test_ten_kills_under_load_lose_nothing_double_nothing_and_change_nothing(plane: JourneyPlane) -> None:
    plane.dies_again_and_again(plane.send_over(seconds=15), times=10, seed=20261122)
    plane.says_what_a_replay_says()


def test_a_second_worker_that_joins_and_leaves_under_load_changes_nothing(plane: JourneyPlane) -> None:
    plane.is_joined_for_a_while(plane.send_over(seconds=12), seconds=3.0)
    plane.says_what_a_replay_says()


def test_a_worker_on_an_empty_machine_restores_the_states_from_kafka(plane: JourneyPlane) -> None:
    half = len(plane.traffic) // 2
    plane.send_all(plane.traffic[:half])
    first = plane.worker("one")
    wait_until(lambda: first.says("restored"))
    plane.read(plane.topics.accounts, 1)
    first.kill()
    plane.send_all(plane.traffic[half:])
    plane.worker("another-machine")
    plane.says_what_a_replay_says()
