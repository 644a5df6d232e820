"""What a journey says of identity, compiled: which events change who a user is or belongs to, and how."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from schemas import journey as file
from streams.engine.people import learners


class Act(Enum):
    """What an event does to the identity of its user."""

    JOIN = "join"
    LEAVE = "leave"
    ALIAS = "alias"
    """It names another id of the same person."""


@dataclass(frozen=True, slots=True)
class Identity:
    """How `route` finds the account of an event."""

    acts: Mapping[str, Act]
    """By event name; most events do nothing."""
    hold_ms: int
    """How long an event waits for its account; 0: it does not."""
    learns: bool = False
    """Whether accounts learn from identify calls: which persona a user is, in what zone, whether left alone."""


def compile_identity(source: file.Journey) -> Identity:
    """Compile the section `identity` of a journey."""
    identity = source.identity
    acts = {"$group": Act.JOIN, "$alias": Act.ALIAS, "$identify": Act.ALIAS}
    acts |= dict.fromkeys(identity.join, Act.JOIN) | dict.fromkeys(identity.leave, Act.LEAVE)
    return Identity(acts, identity.hold or 0, learns=bool(source.personas or learners(source, "$identify")))
