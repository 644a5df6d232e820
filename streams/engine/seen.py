"""Message ids already seen, in two generations of eight-byte digests, so that a redelivery is told from an event."""

from typing import Protocol


class Remembers(Protocol):
    """A state that remembers ids."""

    seen: bytes
    seen_before: bytes


def saw(state: Remembers, digest: bytes, per_generation: int) -> bool:
    """Whether the id was seen lately; if not, it is from now on. At least `per_generation` ids are remembered."""
    seen = state.seen
    if digest in seen or digest in state.seen_before:
        return True
    if len(seen) >= per_generation * len(digest):
        state.seen_before, seen = seen, b""
    state.seen = seen + digest
    return False
