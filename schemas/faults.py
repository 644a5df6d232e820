"""What is wrong with a file: every fault with its place in the file, its path and a remedy."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Final

MAX_TEXT: Final = 1_000
"""The longest line a fault is told in: a file may have a key of a megabyte."""

MAX_NEAR: Final = 700
"""Known names that are compared with an unknown one: there are 600 time zones, and a file may have thousands."""

Path = tuple[str | int, ...]
"""Where a value stands in a file: keys, and positions in lists."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault. Lines and columns count from 1; an empty path is the file as a whole."""

    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        text = f"{self.path}: {self.message}" if self.path else self.message
        if not text.isprintable():  # a key may hold a line break: one line for each fault even so
            text = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
        return f"{self.line}: {text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 3] + '...'}"


class JourneyError(Exception):
    """A journey file cannot be used. It carries every fault, in the order of the file; its text has a line for each."""

    def __init__(self, name: str, faults: Iterable[Fault]) -> None:
        self.name = name
        self.faults = tuple(sorted(set(faults)))
        super().__init__(name, self.faults)

    def __str__(self) -> str:
        return "\n".join(f"{self.name}:{fault}" for fault in self.faults)


def path_text(path: Path) -> str:
    """A path as people read it: `stages.trial.exit[0].to`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, if any is near."""
    plain = {candidate.casefold(): candidate for candidate in islice(known, MAX_NEAR)}
    found = get_close_matches(name.casefold()[:100], plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def meant(name: str, known: Iterable[str], otherwise: str) -> str:
    """The end of a message about an unknown name: what was probably meant, else what to do."""
    found = nearest(name, known)
    return f"did you mean '{found}'?" if found else otherwise


def shown(value: object) -> str:
    """A value as a message quotes it: short, and in the words of the file."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case str():
            return repr(value if len(value) <= 60 else value[:57] + "...")
    return str(value)[:60]
