"""Message ids already seen, in two generations of eight-byte digests, so that a redelivery is told from an event."""

from typing import Protocol

_DIGITS = 16


class Remembers(Protocol):
    """A state that remembers ids."""

    seen: bytes
    seen_before: bytes


class Seen:
    """The ids one state has seen lately: at least `per_generation`, at most twice as many."""

    __slots__ = ("_before", "_lately", "_limit")

    def __init__(self, state: Remembers, per_generation: int) -> None:
        # Live they are hexadecimal text: to look for one there costs a quarter of what it costs in bytes.
        self._lately = state.seen.hex()
        self._before = state.seen_before.hex()
        self._limit = per_generation * _DIGITS

    def saw(self, digest: str) -> bool:
        """Whether an id was seen lately, by the hexadecimal digits of its digest; if not, it is from now on."""
        lately = self._lately
        if digest in lately or digest in self._before:
            return True
        if len(lately) >= self._limit:
            self._before, lately = lately, ""
        self._lately = lately + digest
        return False

    def write(self, state: Remembers) -> None:
        """Write the ids back into the state."""
        state.seen, state.seen_before = bytes.fromhex(self._lately), bytes.fromhex(self._before)
