import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from streams.kafka.broker import DevelopmentBroker, cluster
from streams.kafka.broker_files import BrokerError, DataInUseError

pytestmark = pytest.mark.broker

HOLDS_A_BROKER = """
import os, sys
from pathlib import Path
from streams.kafka.broker import DevelopmentBroker
with DevelopmentBroker(short_lived=True) as broker:
    print(broker.pid, broker._keeper.pid, broker._folder, flush=True)
    if "forked" in sys.argv and os.fork() == 0:
        sys.stdin.read()
        os._exit(0)
    sys.stdin.read()
"""


class Holder:
    """Another process that has started a broker, and only waits."""

    def __init__(self, *how: str) -> None:
        command = [sys.executable, "-c", HOLDS_A_BROKER, *how]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        broker, keeper, folder = self.process.stdout.readline().split()
        self.broker, self.keeper, self.folder = int(broker), int(keeper), Path(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate(timeout=20)  # which ends its standard input, and so its wait


def eventually(condition: Callable[[], bool], within_s: float = 10) -> bool:
    deadline = time.monotonic() + within_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def is_gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):  # the second, when it ends between open and read
        return True


def write(bootstrap_servers: str, topic: str, value: bytes) -> None:
    producer = Producer({"bootstrap.servers": bootstrap_servers, "acks": "all"})
    producer.produce(topic, value)
    assert producer.flush(20) == 0


def read_all(bootstrap_servers: str, topic: str) -> list[bytes]:
    # Nothing is committed, so no group coordinator has to be found.
    settings = {"bootstrap.servers": bootstrap_servers, "group.id": "unused", "enable.auto.commit": False}
    consumer = Consumer(settings)
    try:
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)
        consumer.assign([TopicPartition(topic, 0, 0)])
        return [message.value() for message in consumer.consume(end, timeout=10)]
    finally:
        consumer.close()


def test_a_broker_answers_on_loopback_and_leaves_nothing_behind() -> None:
    with DevelopmentBroker(short_lived=True) as broker:
        assert broker.bootstrap_servers.startswith("127.0.0.1:")
        assert len(AdminClient({"bootstrap.servers": broker.bootstrap_servers}).list_topics(timeout=5).brokers) == 1
        assert broker._folder.is_dir()
    assert is_gone(broker.pid)
    assert not broker._folder.exists()


def test_a_broker_killed_and_restarted_keeps_its_records_and_its_address() -> None:
    with DevelopmentBroker(short_lived=True) as broker:
        address = broker.bootstrap_servers
        admin = AdminClient({"bootstrap.servers": address})
        admin.create_topics([NewTopic("kept", 1, 1)])["kept"].result(10)
        write(address, "kept", b"before")
        broker.kill()
        assert not broker.is_running
        broker.restart()
        assert broker.bootstrap_servers == address
        write(address, "kept", b"after")
        assert read_all(address, "kept") == [b"before", b"after"]


def test_a_data_folder_outlives_its_broker(tmp_path: Path) -> None:
    with DevelopmentBroker(short_lived=True, data=tmp_path) as broker:
        admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers})
        admin.create_topics([NewTopic("kept", 1, 1)])["kept"].result(10)
        write(broker.bootstrap_servers, "kept", b"first run")
    with DevelopmentBroker(short_lived=True, data=tmp_path) as broker:
        assert read_all(broker.bootstrap_servers, "kept") == [b"first run"]


@pytest.mark.parametrize("ends_by", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_broker_is_gone_with_its_parent_however_that_ends(ends_by: signal.Signals) -> None:
    with Holder() as parent:
        parent.process.send_signal(ends_by)
        assert eventually(lambda: is_gone(parent.broker))
        assert eventually(lambda: is_gone(parent.keeper))
        assert eventually(lambda: not parent.folder.exists())


def test_a_forked_copy_of_the_parent_does_not_keep_the_broker_alive() -> None:
    with Holder("forked") as parent:
        parent.process.kill()
        assert eventually(lambda: is_gone(parent.broker))


def test_a_broker_is_gone_when_its_keeper_is_killed_with_9() -> None:
    with Holder() as parent:
        os.kill(parent.keeper, signal.SIGKILL)
        assert eventually(lambda: is_gone(parent.broker))


def test_a_second_start_does_not_need_maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DevelopmentBroker(short_lived=True):
        pass
    java = shutil.which("java")
    assert java is not None
    (tmp_path / "java").symlink_to(java)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("mvn") is None
    with DevelopmentBroker(short_lived=True) as broker:
        assert broker.is_running


@pytest.mark.parametrize(("present", "said"), [([], "Java 17 or newer is missing"), (["java"], "Maven is missing")])
def test_a_missing_program_is_named_with_what_to_install(
    present: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in present:
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(BrokerError, match=f"{said}.*apt-get install"), DevelopmentBroker():
        pass


def test_maven_s_last_words_are_passed_on_and_nothing_half_made_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = tmp_path / "mvn"
    fails.write_text("#!/bin/sh\necho '[ERROR] no route to the repository'\nexit 1\n")
    fails.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with (
        pytest.raises(BrokerError, match=r"(?s)Maven could not fetch.*no route to the repository"),
        DevelopmentBroker(),
    ):
        pass
    assert [path.name for path in tmp_path.glob("cache/*/*/*")] == ["lock"]


def test_a_folder_in_use_is_left_alone_until_its_broker_has_ended(tmp_path: Path) -> None:
    with DevelopmentBroker(short_lived=True, data=tmp_path) as broker:
        settings = (tmp_path / "server.properties").read_text()
        with pytest.raises(DataInUseError, match="in use by another broker"):
            DevelopmentBroker(short_lived=True, data=tmp_path).__enter__()
        assert (tmp_path / "server.properties").read_text() == settings
        broker.restart()
    with DevelopmentBroker(short_lived=True, data=tmp_path):
        pass


def test_a_setting_kafka_refuses_is_shown_in_kafka_s_words() -> None:
    with pytest.raises(BrokerError, match=r"(?s)ended while starting:.*num\.network\.threads"):  # noqa: SIM117 - reads better
        with DevelopmentBroker(short_lived=True, properties={"num.network.threads": "many"}):
            pass


def test_a_cluster_that_is_given_is_used_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNEY_BOOTSTRAP_SERVERS", "kafka-1:9092,kafka-2:9092")
    with cluster() as bootstrap_servers:
        assert bootstrap_servers == "kafka-1:9092,kafka-2:9092"
