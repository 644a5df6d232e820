"""When what was stepped is committed: one transaction at a time, each as large as its moment asks for."""

import asyncio
from collections.abc import Callable, Mapping

from streams.kafka.cadence import STAGED_RECORDS, Cadence
from streams.kafka.clocks import steady_ms
from streams.kafka.faults import LostError
from streams.kafka.progress import Progress
from streams.kafka.source import Source
from streams.kafka.stage import Partition
from streams.kafka.staging import Staging
from streams.kafka.threads import on_loop
from streams.kafka.writer import CALL_S, Commit, Writer
from streams.records import Origin
from streams.settings import Settings

STUCK_S = 3 * CALL_S


class Commits:
    """Owns what is staged and the writer. All but `*_from_thread` runs on the loop."""

    def __init__(
        self,
        settings: Settings,
        source: Source,
        partitions: Mapping[Origin, Partition],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Commit what `partitions` have said; tell `source` what is done with, and `fail` what cannot be committed."""
        self.staging = Staging()
        self._progress: Mapping[str, Progress] = {}
        self._source = source
        self._partitions = partitions
        self._fail = fail
        self._is_over = False
        self._writing: Commit | None = None
        self._cadence = Cadence(settings)
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._later: asyncio.TimerHandle | None = None
        self._writer = Writer(settings, source.consumer, self._written_from_thread)
        self._call: int | None = None
        self._call_s = 0.0

    async def start(self, progress: Mapping[str, Progress]) -> None:
        """Take the transactional id; `progress`: what the markers of each source topic tell."""
        self._loop, self._progress = asyncio.get_running_loop(), progress
        await asyncio.to_thread(self._writer.start)

    async def stop(self, patience_s: float) -> None:
        """Abort what is open; no longer than that."""
        await asyncio.to_thread(self._writer.stop, patience_s)

    def give_up(self) -> None:
        """Commit nothing from here on, and let nobody wait for it."""
        self._is_over = True
        self._settle()

    @property
    def is_full(self) -> bool:
        """Whether so much waits here that no more should be said."""
        return self.staging.weight > STAGED_RECORDS

    def commit(self) -> None:
        """Commit all there is, unless a commit is on its way or more is about to come."""
        if self._writing is not None or self._is_over:
            return
        if (wait_s := self._hold_back_s()) > 0:
            self._commit_in(wait_s)
            return
        self._mark()  # last, so that markers come behind all that was stepped before them
        if self.staging.is_empty:
            return
        self._cadence.begin(self._loop.time())
        self._writing = self.staging.take()
        self._writer.submit(self._writing)

    def tick(self, seconds: float) -> None:
        """Commit what waits, every `seconds`; and end the worker when a call of the writer's does not come back.

        Ticks are counted: a process that was frozen finds its call as old as it was.
        """
        call = self._writer.call
        self._call_s = self._call_s + seconds if call is not None and call == self._call else 0.0
        self._call = call
        if self._call_s >= STUCK_S:
            may, has = f"{CALL_S:.0f} s", f"{STUCK_S:.0f} s"
            self._fail(LostError(f"a call of librdkafka's that may take {may} has not come back for {has}"))
        self.commit()

    def _commit_in(self, wait_s: float) -> None:
        if self._later is not None:
            self._later.cancel()
        self._later = self._loop.call_later(wait_s, self.commit)

    def _hold_back_s(self) -> float:
        """Under load a commit waits a little to grow; when calm, or when awaited, it does not."""
        partitions, now = self._partitions.values(), self._loop.time()
        if self._waiters or not any(p.busy or p.waiting for p in partitions):
            return self._cadence.settle_s(now)
        waiting = sum(len(batch.messages) for p in partitions for batch in p.waiting)
        return self._cadence.hold_back_s(self.staging, waiting, now)

    def _mark(self) -> None:
        for topic, progress in self._progress.items():
            partitions = [p for p in self._partitions.values() if p.origin.topic == topic]
            progress.ahead_ms = self._writer.ahead_ms
            if markers := progress.markers(partitions, steady_ms()):
                self.staging.mark(markers, partitions)

    def _written_from_thread(self, commit: Commit, error: BaseException | None) -> None:
        on_loop(self._loop, self._written, commit, error)

    def _written(self, commit: Commit, error: BaseException | None) -> None:
        self._writing = None
        self._cadence.end(self._loop.time())
        if error is not None:
            self._fail(error)
            return
        self._source.done(commit.messages, commit.size)
        self._settle(commit.number)
        self.commit()

    async def committed(self) -> None:
        """Wait until all that is staged now is committed, or the worker has failed."""
        if self._is_over or (self.staging.is_empty and self._writing is None):
            return
        number = self.staging.number - self.staging.is_empty
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiters.append((number, future))
        self.commit()
        await future

    def _settle(self, number: int | None = None) -> None:
        """Wake those who wait for commits up to `number`; after a failure, all."""
        waiting = [(n, f) for n, f in self._waiters if number is not None and n > number]
        for n, future in self._waiters:
            if (number is None or n <= number) and not future.done():
                future.set_result(None)
        self._waiters = waiting
