"""A broker that dies, hangs or cannot be reached; when it is back, readers see each event once all the same."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.kafka.broker import DevelopmentBroker
from tests.broker.plane_driver import Plane, Supervised, free_port, wait_until
from tests.broker.proxy import Proxy

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("faults-of-brokers")]

pause = threading.Event().wait


@pytest.fixture
def broker() -> Iterator[DevelopmentBroker]:
    with DevelopmentBroker(short_lived=True) as broker:
        yield broker


@pytest.fixture
def plane(broker: DevelopmentBroker, tmp_path: Path) -> Iterator[Plane]:
    plane = Plane(broker.bootstrap_servers, "faults", tmp_path).create_topics()
    yield plane
    plane.close()


@pytest.fixture
def network() -> Iterator[Proxy]:
    """A proxy, and behind it a broker that names the proxy as its address."""
    port, to_port = free_port(), free_port()
    reached = {"advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}"}
    with (
        Proxy(port, to_port) as network,
        DevelopmentBroker(short_lived=True, port=to_port, properties=reached),
    ):
        yield network


@pytest.fixture
def far(network: Proxy, tmp_path: Path) -> Iterator[Plane]:
    plane = Plane(f"127.0.0.1:{network.port}", "faults", tmp_path).create_topics()
    yield plane
    network.delay_s = 0
    network.flow()
    plane.close()


def test_a_broker_killed_under_load_comes_back_and_nothing_is_lost_or_doubled(
    plane: Plane, broker: DevelopmentBroker
) -> None:
    with Supervised(plane) as supervised:
        load = plane.under_load(9_000, per_second=1000)
        wait_until(lambda: supervised.worker.says("restored"))
        load.join(1.0)
        broker.restart()
        load.join()
        plane.shows_each_event_once()


@pytest.mark.parametrize("seconds", [5, 30])
def test_a_broker_that_hangs_for_a_while(plane: Plane, broker: DevelopmentBroker, seconds: int) -> None:
    with Supervised(plane) as supervised:
        load = plane.under_load(6_000, per_second=1000)
        wait_until(lambda: supervised.worker.says("restored"))
        load.join(1.0)
        os.kill(broker.pid, signal.SIGSTOP)
        pause(seconds)
        os.kill(broker.pid, signal.SIGCONT)
        load.join()
        plane.shows_each_event_once()


def test_a_network_of_200_ms_each_way(far: Plane, network: Proxy) -> None:
    with Supervised(far) as supervised:
        network.delay_s = 0.2
        far.under_load(1_000, per_second=500).join()
        far.shows_each_event_once(within_s=180)
        assert supervised.codes == []


def test_a_network_that_stalls_past_the_session(far: Plane, network: Proxy) -> None:
    with Supervised(far) as supervised:
        load = far.under_load(6_000, per_second=500)
        wait_until(lambda: supervised.worker.says("restored"))
        load.join(1.0)
        network.stall()
        pause(8)
        network.flow()
        load.join()
        far.shows_each_event_once()


def test_connections_torn_again_and_again(far: Plane, network: Proxy) -> None:
    with Supervised(far) as supervised:
        load = far.under_load(6_000, per_second=500)
        wait_until(lambda: supervised.worker.says("restored"))
        for _ in range(8):
            network.reset()
            load.join(1.0)
        load.join()
        far.shows_each_event_once()
        assert supervised.codes == []
