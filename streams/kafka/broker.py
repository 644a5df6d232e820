"""The development broker: Apache Kafka itself, one node in KRaft mode on loopback, as a child process.

It ends with the process that started it, however that ends: a keeper (`keeper.py`) stands between them.
"""

import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.kafka.broker_files import (
    BrokerError,
    BrokerFiles,
    DataInUseError,
    broker_files,
    deploy_folder,
    last_lines,
    listeners,
    program,
)

BOOTSTRAP_SERVERS = "JOURNEY_BOOTSTRAP_SERVERS"
KEEPER = Path(__file__).with_name("keeper.py")
START_S = 60.0
STOP_S = 20.0
# Below the range from which the system takes the near end of outgoing connections: while the broker is down,
# a reconnecting client could otherwise meet itself there and keep the port.
PORTS = range(20_000, 32_000)
LOGGING = ("defaultLogLevel=warn", "showDateTime=true", "dateTimeFormat=HH:mm:ss.SSS")


@dataclass(kw_only=True)
class DevelopmentBroker:
    """A context manager: within it, a broker answers at `bootstrap_servers`.

    `data` keeps its records over runs; by default they are temporary. `properties` are laid over
    deploy/broker/server.properties. `short_lived` trades peak speed for a quicker start, as tests like it.
    """

    data: Path | None = None
    port: int | None = None
    heap: str = "512m"
    properties: Mapping[str, str] = field(default_factory=dict)
    log_file: Path | None = None
    short_lived: bool = False
    jvm_options: Sequence[str] = ()

    def __enter__(self) -> Self:
        self._files = broker_files() if self.jvm_options else _files_with_classes()
        self._folder = self.data or Path(tempfile.mkdtemp(prefix="journey-broker-"))
        self._log = self.log_file or self._folder / "broker.log"
        self._keeper: subprocess.Popen[str] | None = None
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = self._taken()
        try:
            self._prepare()
            self.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect. The same after a restart."""
        return f"127.0.0.1:{self.port}"

    @property
    def _temporary(self) -> Path:
        return self._folder / "tmp"

    @property
    def is_running(self) -> bool:
        """Whether the broker's process lives."""
        return self._keeper is not None and self._keeper.poll() is None

    def start(self) -> None:
        """Start the broker on its data and ports, and wait until it answers."""
        settings = str(self._folder / "server.properties")
        java = [program("java"), *self._options(), "-cp", self._files.classpath, "kafka.Kafka", settings]
        removed_at_end = "" if self.data else str(self._folder)
        self.pid = 0
        self._log_start = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("a") as log:
            self._keeper = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-I", "-S", str(KEEPER), removed_at_end, *java],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C is for the asker, who stops the broker last
                pass_fds=[self._lock.fileno()],  # the keeper may outlive the asker, and the folder is taken until then
            )
        assert self._keeper.stdout is not None
        self.pid = int(self._keeper.stdout.readline())
        self._wait_until_ready()

    def kill(self) -> None:
        """End the broker as `kill -9` does. Its records stay for a restart."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """End the broker as an operator does: it says goodbye, and restarts without recovery."""
        self._signal(signal.SIGTERM)

    def restart(self) -> None:
        """Start again with the same ports and data, after killing what still runs."""
        self.kill()
        self.start()

    def _taken(self) -> TextIO:
        """The lock of the folder, held as long as this file is open."""
        lock = (self._folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise DataInUseError(
                f"{self._folder} is in use by another broker: end that one, or name another folder"
            ) from None
        return lock

    def _prepare(self) -> None:
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir()
        self._files.copy_storage(self._folder / "data")
        self.port, controller_port = self.port or _free_port(), _free_port()
        template = (deploy_folder() / "broker" / "server.properties").read_text()
        ours = f"{listeners(self.port, controller_port)}log.dirs={self._folder / 'data'}\n"
        theirs = "".join(f"{name}={value}\n" for name, value in self.properties.items())
        (self._folder / "server.properties").write_text(f"{template}\n{ours}{theirs}")

    def _options(self) -> list[str]:
        options = [f"-Xmx{self.heap}", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true"]
        options += [f"-Djava.io.tmpdir={self._temporary}"]  # a killed JVM leaves its unpacked libraries there
        options += [f"-Dorg.slf4j.simpleLogger.{setting}" for setting in LOGGING]
        options += ["-XX:TieredStopAtLevel=1"] if self.short_lived else []
        if self._files.classes.exists() and self._files.classes.stat().st_size:
            options += [
                f"-XX:SharedArchiveFile={self._files.classes}",
                "-Xlog:disable",
                "-Xlog:all=error:stderr",
            ]
        return [*options, *self.jvm_options]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while not self._answers():
            if not self.is_running:
                raise BrokerError(f"the development broker ended while starting:\n{self._log_tail()}")
            if time.monotonic() > deadline:
                raise BrokerError(f"the development broker did not answer in {START_S:.0f} s:\n{self._log_tail()}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        assert self.port is not None
        return _listens(self.port) and _has_leaders(self.bootstrap_servers)

    def _log_tail(self) -> str:
        return last_lines(self._log.read_text(errors="replace")[self._log_start :])

    def _signal(self, number: signal.Signals) -> None:
        if self._keeper is None:
            return
        if self.pid:  # else the start was interrupted before the keeper named it, who ends it as we leave
            self._end_child(self._keeper, number)
        # Leaving closes the keeper's standard input, and waits: not earlier, or it would remove the records.
        with self._keeper as keeper:
            keeper.wait()
        self._keeper = None

    def _end_child(self, keeper: subprocess.Popen[str], number: signal.Signals) -> None:
        if self.is_running:
            os.kill(self.pid, number)
        try:
            keeper.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, signal.SIGKILL)

    def _end(self) -> None:
        if self.data:
            self.stop()
        else:
            self.kill()
            shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.close()


@contextmanager
def cluster() -> Iterator[str]:
    """The bootstrap servers to use: JOURNEY_BOOTSTRAP_SERVERS where set, else a development broker's."""
    with ExitStack() as stack:
        yield given_cluster() or stack.enter_context(DevelopmentBroker()).bootstrap_servers


def given_cluster() -> str | None:
    """The cluster named by JOURNEY_BOOTSTRAP_SERVERS, if any."""
    return os.environ.get(BOOTSTRAP_SERVERS) or None


def _files_with_classes() -> BrokerFiles:
    # Measured on two cores: the broker answers after 1.3 s with the archive, 2.6 s without.
    files = broker_files()
    if not files.classes.exists():
        with files.locked():
            if not files.classes.exists():
                _archive_classes(files)
    return files


def _archive_classes(files: BrokerFiles) -> None:
    unfinished = files.classes.with_suffix(".unfinished")
    with DevelopmentBroker(short_lived=True, jvm_options=[f"-XX:ArchiveClassesAtExit={unfinished}"]) as broker:
        broker.stop()
    unfinished.touch()  # a JVM that cannot archive is not asked again
    unfinished.rename(files.classes)


def _free_port() -> int:
    for port in random.sample(PORTS, 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise BrokerError(f"no free port between {PORTS.start} and {PORTS.stop}")


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _has_leaders(bootstrap_servers: str) -> bool:
    client = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})
    try:
        metadata = client.list_topics(timeout=2)
    except KafkaException:
        return False
    partitions = [partition for topic in metadata.topics.values() for partition in topic.partitions.values()]
    return bool(metadata.brokers) and all(partition.leader >= 0 for partition in partitions)
