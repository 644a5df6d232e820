"""Progress: what a stage's source partitions know of time, and when the stage downstream is told.

Downstream of `route` a key's messages come from several source partitions, so time there is the least of what
they know. Markers carry it in band: what was routed before a marker is before it in every destination.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from streams.engine.sightings import joined
from streams.kafka.stage import EncodeProgress, Partition, Stage
from streams.records import Origin, Record
from streams.settings import Settings

MOVED_EVERY_MS = 250
LIVE_EVERY_MS = 1000
STALE_MS = 5000
GAP_MS = 3000
"""So long without an answer, and silence proves nothing: nobody could write there either, or has come back since."""


@dataclass(slots=True)
class Proof:
    """That a partition was at its end: `asked_at_ms` the broker named an end which has been stepped."""

    position: int
    since_ms: int
    asked_at_ms: int


@dataclass(slots=True)
class Progress:
    """The markers of one stage on one worker. Only the event loop touches it."""

    topic: str
    encode: EncodeProgress
    of: int
    """How many partitions the source has."""
    destinations: int
    """How many partitions `topic` has."""
    live: bool
    idle_after_ms: int
    is_told_the_time: bool = False
    """Whether the stage knows of time by markers alone, so that it claims nothing beyond its clock."""
    ahead_ms: int | None = None
    """How far the broker's clock is ahead of our steady one, once known. Live time is the broker's: ours may be set."""
    _ends: dict[Origin, tuple[int, int]] = field(default_factory=dict)
    _proofs: dict[Origin, Proof] = field(default_factory=dict)
    _claims: dict[Origin, int] = field(default_factory=dict)
    _told: dict[int, tuple[int, bool]] = field(default_factory=dict)
    _told_at_ms: int = 0

    def observe(self, asked_at_ms: int, ends: Mapping[Origin, int]) -> None:
        """Hear where the partitions ended, asked at `asked_at_ms`: the steady clock before asking."""
        for origin, end in ends.items():
            self._ends[origin] = (asked_at_ms, end)

    def markers(self, partitions: Collection[Partition], now_ms: int) -> list[Record]:
        """The markers due at an instant of the steady clock, one for each destination partition, or none.

        Once given they count as told.
        """
        sources = {p.origin.partition: self._knows(p, now_ms) for p in partitions}
        if not sources or not self._is_due(sources, now_ms):
            return []
        self._told, self._told_at_ms = sources, now_ms
        seen = joined(partition.keyed.sightings() for partition in partitions)
        return [
            Record(self.topic, None, self.encode(self.of, sources, seen, (number, self.destinations)), None, number)
            for number in range(self.destinations)
        ]

    def claimed(self, origin: Origin) -> int:
        """The wall clock that may stand in for the arrivals of a source partition; 0 where it may not."""
        return self._claims.get(origin, 0)

    def forget(self, origin: Origin) -> None:
        """Claim nothing more about a partition that is released."""
        for known in (self._ends, self._proofs, self._claims):
            known.pop(origin, None)
        self._told.pop(origin.partition, None)

    def _is_due(self, sources: Mapping[int, tuple[int, bool]], now_ms: int) -> bool:
        if sources == self._told:
            return False
        idle_changed = any(idle != self._told.get(p, (0, False))[1] for p, (_, idle) in sources.items())
        claims_only = self.live and all(p in self._told for p in sources) and not self._arrivals_moved(sources)
        return idle_changed or now_ms - self._told_at_ms >= (LIVE_EVERY_MS if claims_only else MOVED_EVERY_MS)

    def _arrivals_moved(self, sources: Mapping[int, tuple[int, bool]]) -> bool:
        claimed = {origin.partition: at for origin, at in self._claims.items()}
        return any(clock != self._told[p][0] and clock != claimed.get(p) for p, (clock, _) in sources.items())

    def _knows(self, partition: Partition, now_ms: int) -> tuple[int, bool]:
        """The clock of one source partition, and whether it may be left out of account."""
        if self.is_told_the_time:
            return partition.said, False
        proof = self._prove(partition, now_ms)
        clock = max(partition.keyed.clock, self._claims.get(partition.origin, 0))
        if proof is None or now_ms - proof.asked_at_ms > STALE_MS:
            return clock, False
        if not self.live:
            return clock, proof.asked_at_ms - proof.since_ms >= self.idle_after_ms
        if self.ahead_ms is not None and proof.asked_at_ms + self.ahead_ms > clock:
            clock = self._claims[partition.origin] = proof.asked_at_ms + self.ahead_ms
        return clock, False

    def _prove(self, partition: Partition, now_ms: int) -> Proof | None:
        """Compare what was stepped with the end that was asked."""
        origin, position = partition.origin, partition.position
        asked_at_ms, end = self._ends.get(origin, (0, position + 1))
        if position < end:
            self._proofs.pop(origin, None)
            return None
        proof = self._proofs.get(origin)
        if proof is None or proof.position != position or asked_at_ms - proof.asked_at_ms > GAP_MS:
            proof = self._proofs[origin] = Proof(position, now_ms, asked_at_ms)
        proof.asked_at_ms = asked_at_ms
        return proof


def progress_of(settings: Settings, stages: Iterable[Stage], counts: Mapping[str, int]) -> dict[str, Progress]:
    """By source topic, the progress of those stages that tell it; `counts` is partitions by topic."""
    idle_after_ms = int(settings.idle_after_s * 1000)
    return {
        s.source: Progress(
            s.marks,
            s.encode_progress,
            counts[s.source],
            counts[s.marks],
            settings.live,
            idle_after_ms,
            s.is_told_the_time,
        )
        for s in stages
        if s.marks is not None and s.encode_progress is not None
    }
