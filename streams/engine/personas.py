"""Beside the path: personas, the parts that the users of an account play in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from schemas import journey as file
from streams.engine.event import Event
from streams.engine.values import member_of

if TYPE_CHECKING:
    from streams.engine.account import Account

KEPT: Final = 1_000
"""Users with a persona who are remembered though they do nothing; of more than these, only those who are active."""

_STAMP: Final = 6
"""Bytes of an instant."""

_texts_of: Final = msgspec.json.Decoder(str | list[str]).decode


@dataclass(frozen=True, slots=True)
class Casting:
    """The personas of a journey, and the user traits that they are read from."""

    names: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    of_trait: tuple[int, ...] = ()
    """For each trait, the personas it decides, as bits."""
    texts: tuple[frozenset[str], ...] = ()

    def mask(self, trait: int, told: Sequence[str]) -> int:
        """The personas that a trait makes of a user, as bits."""
        decided = self.of_trait[trait]
        return sum(
            1 << place for place, texts in enumerate(self.texts) if decided >> place & 1 and not texts.isdisjoint(told)
        )


def casting_of(source: file.Journey) -> Casting:
    """Compile the personas of a journey."""
    personas = source.personas.values()
    traits = tuple(dict.fromkeys(persona.trait for persona in personas))
    of_trait = tuple(sum(1 << place for place, one in enumerate(personas) if one.trait == trait) for trait in traits)
    return Casting(tuple(source.personas), traits, of_trait, tuple(frozenset(persona.is_) for persona in personas))


def keys_of(source: file.Journey) -> list[str]:
    """What names each persona in a vocabulary: one that is defined otherwise begins with nobody."""
    return [f"{name}:{one.trait}={'|'.join(sorted(one.is_))}" for name, one in source.personas.items()]


class Cast:
    """Who of an account's users is which persona: a bitmap each, and when each trait of a user was last told."""

    __slots__ = ("_traits", "bitmaps", "told")

    def __init__(self, bitmaps: list[int], told: bytes, traits: int) -> None:
        self.bitmaps = bitmaps
        self.told = told
        self._traits = traits

    def learn(self, slot: int, trait: int, decides: int, mask: int, at: int) -> bool:
        """Take what a trait says of a user, unless something later is known; True if that is news.

        Of two that were told at one instant the greater mask stands, so that their order does not matter.
        """
        start = (slot * self._traits + trait) * _STAMP
        known_at = int.from_bytes(self.told[start : start + _STAMP], "big")
        if (at, mask) <= (known_at, self._mask(slot, decides)):
            return False
        told = self.told.ljust(start + _STAMP, b"\0")
        self.told = told[:start] + at.to_bytes(_STAMP, "big") + told[start + _STAMP :]
        for place in range(len(self.bitmaps)):
            if decides >> place & 1:
                self.bitmaps[place] = self.bitmaps[place] & ~(1 << slot) | (mask >> place & 1) << slot
        return True

    def of(self, bit: int) -> int:
        """The personas of a user, given as its bit, as bits."""
        return sum(1 << place for place, bitmap in enumerate(self.bitmaps) if bitmap & bit)

    @property
    def worth_keeping(self) -> int:
        """The users to be remembered for their persona, as bits."""
        held = 0
        for bitmap in self.bitmaps:
            held |= bitmap
        return held if held.bit_count() <= KEPT else 0

    def keep(self, slots: Sequence[int]) -> None:
        """Give users new slots: for each new one the old."""
        size = self._traits * _STAMP
        self.told = b"".join(self.told[slot * size : (slot + 1) * size].ljust(size, b"\0") for slot in slots)
        self.bitmaps = [sum((old >> slot & 1) << new for new, slot in enumerate(slots)) for old in self.bitmaps]

    def recast(self, personas: Sequence[int | None], traits: Sequence[int | None], users: int) -> None:
        """Take the personas and traits of a changed journey: for each new place the old one, if any."""
        self.bitmaps = [0 if old is None else self.bitmaps[old] for old in personas]
        stamps = [self._stamp(slot, old) for slot in range(users) for old in traits]
        self.told, self._traits = b"".join(stamps), len(traits)

    def _stamp(self, slot: int, trait: int | None) -> bytes:
        start = 0 if trait is None else (slot * self._traits + trait) * _STAMP
        return (b"" if trait is None else self.told[start : start + _STAMP]).ljust(_STAMP, b"\0")

    def _mask(self, slot: int, decides: int) -> int:
        return self.of(1 << slot) & decides


def take_traits(account: "Account", event: Event) -> bool:
    """Learn from an identify call who its user is. A trait that is no text says that the user is nobody."""
    casting, windows = account.journey.casting, account.windows
    for trait, name in enumerate(casting.traits):
        raw = member_of(event, name)
        if bytes(raw):  # one that is not there says nothing
            windows.learn(event.user, trait, casting.of_trait[trait], casting.mask(trait, _texts(raw)), event.at)
    return False


def _texts(raw: msgspec.Raw) -> list[str]:
    try:
        told = _texts_of(raw)
    except msgspec.DecodeError:
        return []
    return [told] if isinstance(told, str) else told


def personas_of(account: "Account", user: str | None = None) -> tuple[str, ...]:
    """The personas of a user, in the order of the file; unless said, of the one whose event is being received."""
    names = account.journey.casting.names
    if user is None and account.cause is not None:
        user = account.cause.user
    mask = account.windows.personas_of(user) if names and user is not None else 0
    return tuple(name for place, name in enumerate(names) if mask >> place & 1)


Counted = Callable[["Account"], int]


def users_as(persona: int, index: int) -> tuple[Counted, Counted]:
    """How many users of a trailing reading are a persona: as it stands, and as of the last closed day."""

    def closed(account: "Account") -> int:
        windows = account.windows
        return (windows.closed_users(index) & windows.cast.bitmaps[persona]).bit_count()

    def read(account: "Account") -> int:
        windows = account.windows
        now = windows.users_now(index) & windows.cast.bitmaps[persona]
        return max(now.bit_count(), closed(account))

    return read, closed


def seen_now(account: "Account", index: int) -> list[str]:
    """The personas among the users of a trailing reading, of the days so far or of the last closed days."""
    windows, names = account.windows, account.journey.casting.names
    users = max(windows.users_now(index), windows.closed_users(index), key=lambda held: _seen(windows.cast, held))
    return [name for name, bitmap in zip(names, windows.cast.bitmaps, strict=True) if bitmap & users]


def different(index: int) -> tuple[Counted, Counted]:
    """How many different personas there are among the users of a trailing reading: the same two."""

    def closed(account: "Account") -> int:
        return _seen(account.windows.cast, account.windows.closed_users(index))

    def read(account: "Account") -> int:
        return max(_seen(account.windows.cast, account.windows.users_now(index)), closed(account))

    return read, closed


def _seen(cast: Cast, users: int) -> int:
    return sum(1 for bitmap in cast.bitmaps if bitmap & users)
