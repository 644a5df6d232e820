"""When the next commit goes: at once when calm, soon under load, and grown large while there is a backlog.

A commit packs each account it touches, whether for one event or for ten. Behind a backlog latency is lost anyway, so
a commit grows until it has used up its share of what may be outstanding: one grows, one is written, one waits.
"""

from streams.kafka.staging import Staging
from streams.settings import Settings

BACKLOG_MESSAGES = 10_000
SHARES = 3
# The broker answers before it has written a transaction's markers; one begun earlier is refused and tried again 20 ms
# later. Measured: transactions back to back take 33 ms each, 13 ms with this pause between them.
SETTLE_S = 0.010
STAGED_RECORDS = 200_000


class Cadence:
    """Says how long the next commit is held back. Only the event loop asks."""

    def __init__(self, settings: Settings) -> None:
        self._soon_s = settings.commit_interval_ms / 1000
        self._late_s = max(settings.catch_up_interval_ms, settings.commit_interval_ms) / 1000
        self._messages = settings.max_outstanding_messages // SHARES
        self._size = settings.max_outstanding_bytes // SHARES
        self._began_at = self._ended_at = 0.0

    def begin(self, now: float) -> None:
        """Hear that a commit begins."""
        self._began_at = now

    def end(self, now: float) -> None:
        """Hear that it is done."""
        self._ended_at = now

    def settle_s(self, now: float) -> float:
        """How long even an urgent commit is held back, so that the broker may end the one before."""
        return self._ended_at + SETTLE_S - now

    def hold_back_s(self, staged: Staging, waiting: int, now: float) -> float:
        """How long to let the next commit grow, while so many messages wait to be stepped."""
        grows = waiting >= BACKLOG_MESSAGES and not self._is_full(staged)
        return max(self.settle_s(now), self._began_at + (self._late_s if grows else self._soon_s) - now)

    def _is_full(self, staged: Staging) -> bool:
        return (
            staged.messages >= self._messages or staged.size >= self._size or staged.weight >= STAGED_RECORDS // SHARES
        )
