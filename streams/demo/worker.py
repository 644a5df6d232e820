"""The worker of the demo: `journey worker` as a process of its own, kept no longer than the demo lives."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

import orjson

from streams.kafka.broker import KEEPER

COMMAND: Final = (sys.executable, "-c", "from streams.cli import main; main()", "worker")
STOP_S: Final = 10.0
SHOWN_LINES: Final = 15


class WorkerProcess:
    """Within it, a worker runs with the given settings. Its log has no name on disk, so none is left behind.

    Left as planned, the worker drains and commits first; left by an exception or a signal, it is killed.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = settings

    def __enter__(self) -> Self:
        self._log = tempfile.TemporaryFile()
        self._keeper = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-I", "-S", str(KEEPER), "", *COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=os.environ | dict(self._settings),
            start_new_session=True,  # Ctrl-C is for the demo, which stops the worker first
        )
        assert self._keeper.stdout is not None
        self.pid = int(self._keeper.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._stop()
        finally:
            # Leaving closes the keeper's standard input; what still runs is killed.
            with self._keeper:
                pass
            self._log.close()

    @property
    def is_running(self) -> bool:
        """Whether the worker lives."""
        return self._keeper.poll() is None

    @property
    def restored(self) -> int:
        """How many partitions it is ready to work on."""
        return sum(line.get("message") == "restored" for line in map(_parsed, self._lines()))

    def last_lines(self) -> str:
        """The end of its log."""
        return "\n".join(line.decode("utf-8", "replace") for line in self._lines()[-SHOWN_LINES:])

    def _lines(self) -> list[bytes]:
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).splitlines()

    def _stop(self) -> None:
        if self.is_running:
            os.kill(self.pid, signal.SIGTERM)
            try:
                self._keeper.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.kill(self.pid, signal.SIGKILL)


def _parsed(line: bytes) -> dict[str, object]:
    try:
        parsed = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
