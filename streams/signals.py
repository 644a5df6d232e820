"""How a command ends by a signal: everything that was begun is undone, and the exit code says which it was."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def leave_on_signals() -> None:
    """End the process by SystemExit on the first signal; while it is being ended further ones change nothing."""
    for number in ENDINGS:
        signal.signal(number, _leave)


def _leave(number: int, _frame: FrameType | None) -> None:
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise SystemExit(128 + number)


@contextmanager
def held() -> Iterator[None]:
    """Let a first signal wait until what is begun here is whole, and so can be undone. A second one does not wait."""
    waiting: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        if waiting:
            _leave(number, frame)
        waiting.append(number)

    before = {number: signal.signal(number, hold) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if waiting:
            signal.raise_signal(waiting[0])
