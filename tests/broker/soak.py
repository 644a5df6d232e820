"""The soak: real traffic through the reference journey, for as long as asked, while a random nemesis does its worst.

    python -m tests.broker.soak [SECONDS] [SEED]

In the end the outputs are what a replay says, nothing is behind, and the worker that nobody killed is no larger, and
holds no more descriptors open, than it was and did when it had warmed up.
"""

import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from streams.kafka.broker import DevelopmentBroker
from tests.broker.journey_driver import JourneyPlane
from tests.broker.plane_driver import Page, Supervised, free_port, wait_until
from tests.broker.proxy import Proxy
from tests.broker.test_faults_of_load import is_read_to_its_end
from tests.traffic import Traffic

ACCOUNTS_PER_S = 1.5
RESTS_S = (3.0, 9.0)
WARM = 0.3
"""The share of the time after which the worker is as large as it should get."""

pause = threading.Event().wait


class Sample(NamedTuple):
    """What one process holds."""

    rss_mib: float
    descriptors: int


def sample(pid: int) -> Sample:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return Sample(pages * os.sysconf("SC_PAGESIZE") / 2**20, len(os.listdir(f"/proc/{pid}/fd")))


@dataclass
class Watch:
    """Samples of a supervised worker, each second, of its latest life."""

    of: Supervised
    samples: list[Sample] = field(default_factory=list)
    pid: int = 0

    def look(self) -> None:
        process = self.of.worker.process
        if process.pid != self.pid:
            self.pid, self.samples = process.pid, []
        if process.poll() is None:
            self.samples.append(sample(process.pid))

    def growth(self) -> tuple[Sample, Sample]:
        """The medians once warm, and in the end."""
        share = max(1, len(self.samples) // 5)
        warm = int(len(self.samples) * WARM)
        return _median(self.samples[warm : warm + share]), _median(self.samples[-share:])


def _median(samples: list[Sample]) -> Sample:
    return Sample(
        statistics.median(one.rss_mib for one in samples), int(statistics.median(one.descriptors for one in samples))
    )


@dataclass
class Nemesis:
    """Does one harm after another, and mends what does not mend itself. `survivor` it never kills."""

    chance: random.Random
    plane: JourneyPlane
    broker: DevelopmentBroker
    network: Proxy
    survivor: Supervised
    victim: Supervised
    done: Counter[str] = field(default_factory=Counter)

    def strike(self) -> None:
        harms = (
            self.kills, self.freezes_briefly, self.freezes_long, self.stalls, self.slows, self.tears, self.joins,
            self.freezes_the_broker, self.restarts_the_broker,
        )  # fmt: skip
        harm = self.chance.choice(harms)
        self.done[harm.__name__] += 1
        harm()

    def kills(self) -> None:
        self.victim.worker.process.send_signal(signal.SIGKILL)

    def freezes_briefly(self) -> None:
        self._freeze(self.survivor, self.chance.uniform(0.5, 3))

    def freezes_long(self) -> None:
        self._freeze(self.victim, self.chance.uniform(8, 14))

    def freezes_the_broker(self) -> None:
        os.kill(self.broker.pid, signal.SIGSTOP)
        pause(self.chance.uniform(1, 8))
        os.kill(self.broker.pid, signal.SIGCONT)

    def _freeze(self, of: Supervised, seconds: float) -> None:
        process = of.worker.process
        process.send_signal(signal.SIGSTOP)
        pause(seconds)
        process.send_signal(signal.SIGCONT)

    def stalls(self) -> None:
        self.network.stall()
        pause(self.chance.uniform(0.5, 4))
        self.network.flow()

    def slows(self) -> None:
        self.network.delay_s = self.chance.uniform(0.01, 0.2)
        pause(self.chance.uniform(1, 5))
        self.network.delay_s = 0

    def tears(self) -> None:
        self.network.reset()

    def joins(self) -> None:
        other = self.plane.worker("three")
        pause(self.chance.uniform(2, 8))
        other.terminate()

    def restarts_the_broker(self) -> None:
        self.broker.restart()


def soak(seconds: float, seed: int, folder: Path) -> dict[str, object]:
    """AssertionError if anything was lost, doubled, changed, left behind, or has grown."""
    port, to_port, pages = free_port(), free_port(), [free_port(), free_port()]
    reached = {"advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}"}
    with ExitStack() as stack:
        network = stack.enter_context(Proxy(port, to_port))
        broker = stack.enter_context(DevelopmentBroker(short_lived=True, port=to_port, properties=reached))
        traffic = Traffic(accounts=max(20, int(seconds * ACCOUNTS_PER_S)), seed=seed)
        plane = JourneyPlane(f"127.0.0.1:{port}", "soak", folder, traffic).create_topics()
        stack.callback(plane.close)
        plane.settings["JOURNEY_SESSION_TIMEOUT_MS"] = "10000"
        plane.settings["JOURNEY_IDLE_AFTER_S"] = "30"  # longer than the load may need to find a broker again
        one, two = (
            stack.enter_context(Supervised(plane, name, JOURNEY_WEB_PORT=str(page)))
            for name, page in zip(("one", "two"), pages, strict=True)
        )
        nemesis, watch = Nemesis(random.Random(seed), plane, broker, network, one, two), Watch(one)
        _rage(nemesis, watch, plane.send_over(seconds), seconds)
        wait_until(lambda: all(is_read_to_its_end(Page(page)) for page in pages), within_s=120)
        watch.look()
        plane.says_what_a_replay_says(within_s=120)
        warm, end = watch.growth()
        assert end.rss_mib < warm.rss_mib * 1.15 + 10, (warm, end, len(watch.samples))
        assert end.descriptors <= warm.descriptors + 8, (warm, end)
        return {
            "messages": len(plane.traffic), "harms": dict(nemesis.done), "codes": [one.codes, two.codes],
            "warm": warm, "end": end, "lived_s": len(watch.samples),
        }  # fmt: skip


def _rage(nemesis: Nemesis, watch: Watch, load: threading.Thread, seconds: float) -> None:
    """Until the load has ended: on a busy machine that is later than the nemesis."""
    raging = threading.Thread(target=_strike_while, args=(nemesis, load, time.monotonic() + seconds))
    raging.start()
    while raging.is_alive() or load.is_alive():
        watch.look()
        pause(1.0)


def _strike_while(nemesis: Nemesis, load: threading.Thread, until: float) -> None:
    while load.is_alive() and time.monotonic() < until:
        load.join(nemesis.chance.uniform(*RESTS_S))
        if load.is_alive():
            nemesis.strike()


if __name__ == "__main__":
    wanted_s = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    given = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 1_000_000
    print(f"seed {given}", flush=True)  # noqa: T201 for the one who must run it again
    with tempfile.TemporaryDirectory() as temporary:
        print(soak(wanted_s, given, Path(temporary)))  # noqa: T201
