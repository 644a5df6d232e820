"""A broker that dies, hangs or cannot be reached; when it is back, readers see each event once all the same."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from streams.kafka.broker import DevelopmentBroker
from streams.kafka.source import POLL_MESSAGES
from tests.broker.plane_driver import Page, Plane, Supervised, free_port, wait_until
from tests.broker.proxy import Proxy

pytestmark = pytest.mark.broker

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


def test_while_a_broker_hangs_no_source_becomes_idle(plane: Plane, broker: DevelopmentBroker) -> None:
    """Who writes there cannot, either, and needs a while to come back."""
    plane.worker(JOURNEY_LIVE="false", JOURNEY_IDLE_AFTER_S="6", JOURNEY_SESSION_TIMEOUT_MS="20000")
    plane.send(100)
    plane.shows_each_event_once()
    os.kill(broker.pid, signal.SIGSTOP)
    pause(7)
    os.kill(broker.pid, signal.SIGCONT)
    back_at = time.monotonic()
    wait_until(lambda: any(idle for marker in plane.told() for _, idle in marker.values()))
    assert time.monotonic() - back_at > 6


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


def test_a_broker_that_takes_no_records_for_a_while(far: Plane, network: Proxy) -> None:
    """Nor does the worker then read on without end, or lose its place."""
    port, most = free_port(), 2_000
    far.send(40_000)
    network.take_no_records()
    with Supervised(
        far,
        JOURNEY_WEB_PORT=str(port),
        JOURNEY_MAX_OUTSTANDING_MESSAGES=str(most),
        JOURNEY_TRANSACTION_TIMEOUT_MS="4000",
    ) as supervised:
        wait_until(lambda: supervised.worker.says("restored"))
        wait_until(lambda: Page(port).sum("journey_source_paused") == 1)
        pause(8)  # longer than the session, and than a transaction may take
        assert 0 < Page(port).sum("journey_outstanding_messages") <= most + POLL_MESSAGES
        network.flow()
        far.shows_each_event_once()
        assert supervised.codes == []


def test_connections_that_are_half_open(far: Plane, network: Proxy) -> None:
    """The worker finds out by itself, once its session ends, and comes back over new ones."""
    far.send(100)
    first = far.worker()
    far.shows_each_event_once()
    assert first.terminate()[0] == 0
    ours = network.connections  # and the broker's own: it reaches itself by the same way, with ends of transactions
    with Supervised(far) as supervised:
        wait_until(lambda: supervised.worker.says("restored"))
        load = far.under_load(3_000, per_second=500)
        load.join(1.0)
        network.half_open(spared=ours)
        wait_until(lambda: supervised.codes == [1])
        load.join()
        far.shows_each_event_once()


def test_a_disk_that_is_full_and_then_is_not(disk: Path, tmp_path: Path) -> None:
    with DevelopmentBroker(short_lived=True, data=disk) as broker:
        plane = Plane(broker.bootstrap_servers, "full", tmp_path).create_topics()
        with Supervised(plane) as supervised:
            load = plane.under_load(6_000, per_second=1000)
            wait_until(lambda: supervised.worker.says("restored"))
            load.join(1.0)
            with filled(disk):
                wait_until(lambda: not broker.is_running)
            broker.restart()
            load.join()
            plane.shows_each_event_once()
        plane.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Within it not a byte is free on the disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    yield
    filler.unlink()
