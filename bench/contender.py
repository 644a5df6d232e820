"""A contender: one process, its words kept, its end certain."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import orjson

STOP_S = 15.0
LOOK_EVERY_S = 0.02


class ContenderError(RuntimeError):
    """A contender ended, or said nothing in time; the text carries its last words."""


@dataclass
class Contender:
    """`python -m MODULE ARGUMENTS…` with settings in its environment; gone when the `with` block is left."""

    module: str
    arguments: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="journey-bench-")
        self.folder = Path(self._folder.name)
        self._out, self._log = self.folder / "out", self.folder / "log"
        with self._out.open("w") as out, self._log.open("w") as log:
            self._process = subprocess.Popen(  # noqa: S603 our own module
                [sys.executable, "-m", self.module, *self.arguments],
                env=os.environ | {"BENCH_FOLDER": str(self.folder), **self.settings},
                stdout=out,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the bench, which ends its contenders
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def wait_for(self, holds: Callable[[], bool], within_s: float, every_s: float = LOOK_EVERY_S) -> None:
        """Wait for a condition, as long as the process lives."""
        deadline = time.monotonic() + within_s
        while not holds():
            if self._process.poll() is not None:
                raise ContenderError(f"{self.module} ended with {self._process.returncode}: {self._last_words()}")
            if time.monotonic() > deadline:
                raise ContenderError(f"{self.module}: not done in {within_s:.0f} s: {self._last_words()}")
            time.sleep(every_s)

    def answer(self, within_s: float) -> dict[str, float]:
        """What it printed: one JSON object on the last line."""
        self.wait_for(lambda: self._out.read_text().endswith("}\n"), within_s)
        answer: dict[str, float] = orjson.loads(self._out.read_text().splitlines()[-1])
        return answer

    def _last_words(self) -> str:
        return self._log.read_text(errors="replace")[-1500:] or "it said nothing"
