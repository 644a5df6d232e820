"""What the development broker needs on disk, made once into a cache folder: jars and formatted storage."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streams

LAYOUT = b"1"  # raise it when the contents of the cache folder change
SHOWN_LINES = 15
INSTALL = {
    "java": "Java 17 or newer is missing: on Debian, apt-get install openjdk-17-jre-headless",
    "mvn": "Maven is missing: on Debian, apt-get install maven",
}


class BrokerError(RuntimeError):
    """The development broker cannot run; the text says what would help."""


class DataInUseError(BrokerError):
    """The folder for its records is another broker's."""


@dataclass(frozen=True, slots=True)
class BrokerFiles:
    """The cache folder of one release of Kafka."""

    folder: Path

    @property
    def jars(self) -> Path:
        """Kafka and all it depends on."""
        return self.folder / "jars"

    @property
    def storage(self) -> Path:
        """A formatted log directory without a record, to be copied."""
        return self.folder / "storage"

    @property
    def classes(self) -> Path:
        """The JVM's archive of parsed classes: it halves the start. Empty where none could be made."""
        return self.folder / "classes.jsa"

    @property
    def classpath(self) -> str:
        """Sorted: an archive of classes is good for one order only."""
        return os.pathsep.join(str(jar) for jar in sorted(self.jars.glob("*.jar")))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time fills the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def copy_storage(self, to: Path) -> None:
        """Make `to` a formatted log directory of a cluster of its own, unless it is one already."""
        if (to / "meta.properties").exists():
            return
        shutil.copytree(self.storage, to, dirs_exist_ok=True)
        (to / "meta.properties").write_text(
            f"version=1\nnode.id=1\ncluster.id={_kafka_uuid()}\ndirectory.id={_kafka_uuid()}\n"
        )


def deploy_folder() -> Path:
    """The project's `deploy/`: inside the package once installed, beside it in a checkout."""
    package = Path(streams.__file__).parent
    installed = package / "_deploy"
    return installed if installed.is_dir() else package.parent / "deploy"


def broker_files() -> BrokerFiles:
    """The cache folder, holding jars and storage. The first call needs Maven, later ones only look."""
    pom = deploy_folder() / "broker" / "pom.xml"
    digest = hashlib.sha256(LAYOUT + pom.read_bytes()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    files = BrokerFiles(cache / "saas-journey" / f"broker-{digest}")
    if not files.storage.is_dir():
        with files.locked():
            _fetch_jars(files, pom)
            _format_storage(files)
    return files


def program(name: str) -> str:
    """Where a program lies, or an error that says what to install."""
    found = shutil.which(name)
    if found is None:
        raise BrokerError(INSTALL[name])
    return found


def last_lines(text: str) -> str:
    """The end of a log, indented for an error message."""
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-SHOWN_LINES:])


def _fetch_jars(files: BrokerFiles, pom: Path) -> None:
    if files.jars.is_dir():
        return
    java_first = program("java")  # Maven's own word for a missing Java is about JAVA_HOME
    with _whole_or_not_at_all(files.jars) as unfinished:
        command = [program("mvn"), "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
        _run(
            [*command, "-DincludeScope=runtime", f"-DoutputDirectory={unfinished}"],
            failed=f"Maven could not fetch Kafka's jars ({java_first} is its Java)",
        )


def _format_storage(files: BrokerFiles) -> None:
    if files.storage.is_dir():
        return
    template = (deploy_folder() / "broker" / "server.properties").read_text()
    with (
        _whole_or_not_at_all(files.storage) as unfinished,
        tempfile.NamedTemporaryFile("w", suffix=".properties") as settings,
    ):
        settings.write(f"{template}\n{listeners(9092, 9093)}\nlog.dirs={unfinished}\n")
        settings.flush()
        tool = [program("java"), "-cp", files.classpath, "kafka.tools.StorageTool", "format"]
        _run(
            [*tool, "-t", _kafka_uuid(), "-c", settings.name],
            failed="Kafka could not format its storage (it needs Java 17 or newer)",
        )


def listeners(port: int, controller_port: int) -> str:
    """The settings that say where one node listens: on loopback, nowhere else."""
    return (
        f"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}\n"
        f"advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n"
        f"controller.quorum.voters=1@127.0.0.1:{controller_port}\n"
    )


@contextmanager
def _whole_or_not_at_all(folder: Path) -> Iterator[Path]:
    unfinished = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    try:
        yield unfinished
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _run(command: Sequence[str], *, failed: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise BrokerError(f"{failed}:\n{last_lines(done.stdout)}")


def _kafka_uuid() -> str:
    # Kafka refuses ids that begin with a dash
    encoded = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    return encoded if not encoded.startswith("-") else _kafka_uuid()
