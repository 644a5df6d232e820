"""Seventh and last on the path: what the engine says, as data. The shell encodes it (`streams/records.py`)."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Routed:
    """An event re-keyed by its account: goes to the account-events topic with `value` as its body."""

    account: str
    value: bytes
    headers: list[tuple[str, bytes | None]] | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not become an event. `reason` is stable, `detail` is for people."""

    reason: str
    detail: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]] | None
    offset: int


Output = Routed | DeadLetter
