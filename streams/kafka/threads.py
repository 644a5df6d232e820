"""How other threads reach the event loop: everything they say goes through here, in the order they say it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Protocol, TypeVarTuple

from streams.kafka.stage import Arrivals, Partition
from streams.records import Origin

Ts = TypeVarTuple("Ts")
RELEASE_S = 20.0


class OnLoop(Protocol):
    """The runtime, whose methods run on its loop."""

    loop: asyncio.AbstractEventLoop

    def take(self, arrivals: Sequence[Arrivals]) -> None: ...  # noqa: D102
    def adopt(self, partition: Partition) -> None: ...  # noqa: D102
    def release(self, origins: Sequence[Origin]) -> Coroutine[Any, Any, None]: ...  # noqa: D102
    def fail(self, error: BaseException) -> None: ...  # noqa: D102


def on_loop(loop: asyncio.AbstractEventLoop, call: Callable[[*Ts], object], *args: *Ts) -> None:
    """Call soon, on the loop; of no consequence once the loop is closed, for then the process ends."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *args)


class Threadsafe:
    """The runtime, as the polling thread may use it."""

    def __init__(self, runtime: OnLoop) -> None:
        self._runtime = runtime

    def take(self, arrivals: Sequence[Arrivals]) -> None:
        """Hand over messages; returns at once."""
        on_loop(self._runtime.loop, self._runtime.take, arrivals)

    def adopt(self, partition: Partition) -> None:
        """Hand over a restored partition; returns at once."""
        on_loop(self._runtime.loop, self._runtime.adopt, partition)

    def release(self, origins: Sequence[Origin]) -> None:
        """Have what is staged committed and the partitions forgotten; returns when that is done."""
        asyncio.run_coroutine_threadsafe(self._runtime.release(origins), self._runtime.loop).result(RELEASE_S)

    def fail(self, error: BaseException) -> None:
        """Have the process end."""
        on_loop(self._runtime.loop, self._runtime.fail, error)
