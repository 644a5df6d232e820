"""Forgotten on a real broker: the bytes are gone from the files of every topic that keeps states, and stay away."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from streams.engine.ids import user_digest
from streams.engine.suppressions import is_forget
from streams.engine.times import rfc3339
from streams.kafka.broker import DevelopmentBroker
from tests.broker.journey_driver import JourneyPlane
from tests.broker.plane_driver import JOURNEY_WORKER, Page, Worker, free_port, wait_until
from tests.shell.cli import Ended
from tests.traffic import START, Sent

pytestmark = pytest.mark.broker

ANN, VISITOR, ACME, TRAIT = "canary-ann-5e1c", "canary-visitor-93b2", "canary-acme-77d0", "canary-trait-20ff"
TRACES = [ANN.encode(), VISITOR.encode(), ACME.encode(), user_digest(ANN), user_digest(VISITOR)]
AT_ONCE = {
    "compression.type": "uncompressed",  # so that the files can be searched
    "segment.ms": "200",
    "min.cleanable.dirty.ratio": "0.001",
    "max.compaction.lag.ms": "300",
    "delete.retention.ms": "100",
    "file.delete.delay.ms": "100",
}


class PrivatePlane(JourneyPlane):
    """A broker whose files can be looked into, which compacts at once, and a customer base with canaries in it."""

    def __init__(self, broker: DevelopmentBroker, data: Path, folder: Path) -> None:
        super().__init__(broker.bootstrap_servers, "private", folder, ())
        self.data = data
        self.settings["JOURNEY_SESSION_TIMEOUT_MS"] = "4000"
        self.number = 12 * HOUR_MS // (5 * MINUTE_MS)  # noon: nothing waits for the close of a day at first
        self.create_topics()
        wanted = [
            ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in AT_ONCE.items()
        ]
        resources = [ConfigResource(ResourceType.TOPIC, topic, incremental_configs=wanted) for topic in self.states]
        for altered in self.admin.incremental_alter_configs(resources).values():
            altered.result(10)

    @property
    def states(self) -> tuple[str, ...]:
        """The topics from which nothing may be read of the forgotten: changelogs, and what is kept by key."""
        topics = self.topics
        logs = (topics.users_changelog, topics.state_changelog, topics.kpis_changelog)
        return (*logs, topics.accounts, topics.suppressions)

    def calls(self, **call: object) -> None:
        """Send one call, five minutes after the one before."""
        self.number += 1
        at = rfc3339(START + self.number * 5 * MINUTE_MS)
        value = orjson.dumps({"messageId": f"m{self.number}", "timestamp": at, "receivedAt": at} | call)
        self.send_all([Sent(-1, str(call.get("userId") or call["anonymousId"]).encode(), value)])

    def lives(self) -> None:
        """The canaries do something everywhere: members of three accounts, in another one without being any."""
        personal = {"phone": TRAIT, "email": TRAIT}
        self.calls(type="track", anonymousId=VISITOR, event="Project Created", properties={"title": "waits"})
        for account in ("globex", "initech", ACME):
            for user in ("bob", ANN):
                self.calls(type="group", userId=user, groupId=account, traits=personal)
                self.calls(type="track", userId=user, event="Workflow Run", properties=personal)
        self.calls(type="identify", userId=ANN, traits=personal | {"role": "admin", "timezone": "Asia/Tokyo"})
        self.calls(type="track", userId=ANN, event="Report Viewed", context={"groupId": "umbrella", "ip": TRAIT})
        self.calls(type="track", anonymousId=VISITOR, event="Report Viewed", context={"groupId": "initech"})
        self.calls(type="alias", userId=ANN, previousId=VISITOR)
        self.calls(type="track", anonymousId="stranger", event="Project Created", properties={"title": "waits"})

    def others_live(self, days: int = 0) -> None:
        """Time goes on for the others, in all partitions, so that old segments are left behind and compacted."""
        self.number += days * DAY_MS // (5 * MINUTE_MS)
        for number in range(16):
            self.calls(type="track", userId=f"u{number}", event="Workflow Run", context={"groupId": f"other-{number}"})

    def found(self) -> set[bytes]:
        """The traces in the files of the broker."""
        files = [log for topic in self.states for log in self.data.glob(f"{topic}-[0-9]*/*.log*")]
        return {trace for log in files for trace in (*TRACES, TRAIT.encode()) if trace in _content(log)}

    def compacts_until_nothing_is_found(self) -> None:
        deadline = time.monotonic() + 60
        while left := self.found():
            assert time.monotonic() < deadline, left
            self.others_live(days=1)
            time.sleep(0.4)

    def says(self, *arguments: str) -> Ended:
        """Run `journey ARGUMENTS`."""
        command = [JOURNEY_WORKER[0], *arguments]
        done = subprocess.run(command, env=os.environ | self.settings, capture_output=True, check=False, timeout=90)
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def _content(log: Path) -> bytes:
    try:
        return log.read_bytes()
    except FileNotFoundError:  # the cleaner was quicker
        return b""


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[PrivatePlane]:
    data = tmp_path / "broker"
    cleaner = {"log.cleaner.backoff.ms": "100", "log.retention.check.interval.ms": "500"}
    with DevelopmentBroker(short_lived=True, data=data, properties=cleaner) as broker:
        plane = PrivatePlane(broker, data / "data", tmp_path)
        yield plane
        plane.close()


def a_worker(plane: PrivatePlane) -> tuple[Worker, int]:
    port = free_port()
    worker = plane.worker(JOURNEY_WEB_PORT=str(port))
    wait_until(lambda: worker.says("started"))
    return worker, port


def dropped(port: int) -> float:
    return Page(port).sum("journey_events_total", disposition="forgotten", stage="route")


def account_is_forgotten_though_workers_die_over_it(plane: PrivatePlane, worker: Worker) -> int:
    """The port of the worker that is alive in the end."""
    order = ("forget", "--account", ACME, "--yes")
    worker.kill()
    unheard = plane.says(*order, "--within", "1")
    assert (unheard.code, "4 of 4 partitions have not confirmed" in unheard.err) == (1, True)
    worker = plane.worker()
    wait_until(lambda: worker.says("restored"))
    worker.kill()
    _, port = a_worker(plane)
    assert plane.says(*order).code == 0
    return port


def test_the_bytes_of_the_forgotten_are_gone_from_every_file_and_do_not_come_back(plane: PrivatePlane) -> None:
    worker, _ = a_worker(plane)
    plane.lives()
    plane.others_live(days=2)
    wait_until(lambda: plane.found() >= set(TRACES))
    assert TRAIT.encode() not in plane.found()

    assert plane.says("forget", "--user", ANN).code == 2
    assert plane.says("forget", "--user", ANN, "--yes", "--json").data == [
        {"kind": "user", "ids": [ANN, VISITOR], "was_forgotten": False, "partitions": 4, "confirmed": 4}
    ]
    port = account_is_forgotten_though_workers_die_over_it(plane, worker)
    plane.compacts_until_nothing_is_found()

    plane.lives()
    wait_until(lambda: dropped(port) == 13)
    letters = plane.records(plane.topics.dead_letters, 0)
    assert not any(trace in (letter.value() or b"") for letter in letters for trace in TRACES)
    assert plane.says("forget", "--user", ANN).out == f"user {ANN} was forgotten before\n"

    plane.close()
    wait_until(lambda: plane.says("rebuild", "--yes").code == 0)  # once the worker's session has ended
    _, port = a_worker(plane)
    plane.others_live(days=1)
    wait_until(lambda: dropped(port) == 26)  # those before the order too
    for topic in (*plane.states, plane.topics.account_events):
        records = [r for r in plane.records(topic, 1) if not is_forget(r.value())]
        assert not any(trace in (r.key() or b"") + (r.value() or b"") for r in records for trace in TRACES), topic
