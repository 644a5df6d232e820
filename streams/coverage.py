"""What a stream holds against what the journey declares of it: seen, never seen, not declared, malformed.

It reads messages as a worker does and decides nothing: each message counts, redelivered ones too.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas import journey as file
from streams.engine.compiled import DESCRIBED, Journey
from streams.engine.compiler import compile_journey
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.links import is_link
from streams.engine.rejection import Reason, Rejected
from streams.engine.suppressions import is_forget
from streams.engine.taxonomy import check

MAX_UNDECLARED = 1_000
"""Names of events that are not declared, kept one by one; events of further names are only counted."""

MAX_EXAMPLES = 3
"""Places kept of each sort of fault."""

UNOWNED = "nobody"
"""Stands for the owner of what has none."""


@dataclass(slots=True)
class Seen:
    """How often an event came, when it first and last happened, and where its faults were. Instants in UTC ms."""

    count: int = 0
    first_at: int = 0
    last_at: int = 0

    def take(self, at: int) -> None:
        """Count one more."""
        self.first_at = min(self.first_at, at) if self.count else at
        self.last_at = max(self.last_at, at)
        self.count += 1


@dataclass(slots=True)
class Faulty:
    """How many messages had a fault, and where the first of them stand."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def take(self, where: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(where)


class Fault(NamedTuple):
    """One sort of fault: of an event, or of a message that never became one."""

    reason: str
    event: str | None


class Coverage:
    """Folds messages into a report on the taxonomy of one journey."""

    def __init__(self, source: file.Journey) -> None:
        self.source = source
        self._journey = _demanding(source)
        self.messages = 0
        self.declared: dict[str, Seen] = {}
        self.undeclared: dict[str, Seen] = {}
        self.beyond = 0
        """Events of undeclared names past the first MAX_UNDECLARED."""
        self.malformed: dict[Fault, Faulty] = {}
        self._latest = 0

    def take(self, value: bytes | None, recorded_at: int | None, where: str) -> None:
        """Count one message; `where` is how a person finds it again."""
        if is_link(value) or is_forget(value):
            return
        self.messages += 1
        event = decode(value, recorded_at=recorded_at, latest=self._latest)
        if isinstance(event, Rejected):
            self._fault(event.reason, None, where)
            return
        self._latest = max(self._latest, event.at)
        touch = self._journey.touches.get(event.name)
        if touch is None:
            self._take_undeclared(event)
            return
        self.declared.setdefault(event.name, Seen()).take(event.at)
        if touch.demands and isinstance(checked := check(event, touch, self._journey), Rejected):
            self._fault(checked.reason, event.name, where)

    @property
    def never_seen(self) -> list[str]:
        """The declared events of which none came, in the order of the file."""
        return [name for name in self.source.events if name not in self.declared]

    @property
    def is_whole(self) -> bool:
        """Whether all that is declared came, and nothing else did."""
        return not (self.never_seen or self.undeclared or self.malformed)

    def by_feature(self) -> Mapping[str, int]:
        """How many events came for each declared feature; 0 of those never used."""
        return self._by({name: event.feature for name, event in self.source.events.items() if event.feature})

    def by_source(self) -> Mapping[str, int]:
        """How many declared events came from each kind of system."""
        return self._by({name: event.source.value for name, event in self.source.events.items()})

    def by_owner(self) -> Mapping[str, int]:
        """How many declared events came of each team that answers for some."""
        return self._by({name: event.owner or UNOWNED for name, event in self.source.events.items()})

    def _by(self, groups: Mapping[str, str]) -> Mapping[str, int]:
        counts = Counter(dict.fromkeys(groups.values(), 0))
        for name, group in groups.items():
            counts[group] += self.declared[name].count if name in self.declared else 0
        return counts

    def _take_undeclared(self, event: Event) -> None:
        if event.name in self.undeclared or len(self.undeclared) < MAX_UNDECLARED:
            self.undeclared.setdefault(event.name, Seen()).take(event.at)
        else:
            self.beyond += 1

    def _fault(self, reason: Reason, event: str | None, where: str) -> None:
        self.malformed.setdefault(Fault(reason.value, event), Faulty()).take(where)


def _demanding(source: file.Journey) -> Journey:
    """The journey as if it rejected what is malformed: so that coverage and worker judge by one rule."""
    return compile_journey(source.model_copy(update={"malformed": file.Policy.REJECT}))


def described(coverage: Coverage) -> Iterator[tuple[str, Seen]]:
    """The calls that need no declaration, as far as they came."""
    return ((name, coverage.declared[name]) for name in DESCRIBED if name in coverage.declared)
