"""The state record of an account, as packed into the changelog: msgpack arrays, positional, only appended to.

An account's state is two parts, so that a commit rewrites little: `Hot` changes with each event, `Cold` (closed days
and the user index) once a day. `VERSION` is the first field of both. Positions inside the lists are those of the
journey's `Vocabulary`, whose id the hot part carries.
"""

import msgspec

VERSION = 1
"""Raised by the release that appends a field, or changes what one means: who knows less must not write it anew.

It counts for a partition: each commit writes a `PartitionClock`, and what that says of its version holds for all.
"""


class StateVersionError(Exception):
    """A state was written by a later version than this one, which would lose what it does not know."""

    def __init__(self, version: object) -> None:
        super().__init__(
            f"states of version {version}, this program reads up to {VERSION}: run the later one that wrote them; "
            "or, to do without it, stop all workers and run: journey rebuild"
        )


Cell = int | bytes
"""A count or a bitmap; a bitmap past 63 bits travels as little-endian bytes, msgpack's integers end there."""


Anchor = int | float | str
"""The value of a trait for which an alert was told."""


class Episode(msgspec.Struct, array_like=True):
    """One alert rule of one account: how often it fired, when last, and whether it is firing now."""

    number: int
    fired_at: int
    firing: bool
    is_armed: bool = True
    """Whether its condition has ceased to hold since it ended, so that it may fire again."""
    told_for: list[Anchor] = msgspec.field(default_factory=list)
    """Of a rule with `once_per`: the values it was told for, at most 16, the last one last."""
    raised: bool = False
    """Whether it was told that it matters more."""


class Trait(msgspec.Struct, array_like=True):
    """An account trait and the event time that set it, so that an older event cannot undo a newer one."""

    value: int | float | str | None
    at: int


class Awaited(msgspec.Struct, array_like=True):
    """An answer that a handoff awaits: its deadline, the grades still to be told with the instant of each (at most
    three), and the last one told."""

    due_at: int
    ahead: list[tuple[int, int]]
    told: int | None = None


class Case(msgspec.Struct, array_like=True):
    """A handoff that an owner is to answer. `awaited` has a place for each step, None once it is done."""

    opened_at: int
    episode: int
    owner: str | None
    awaited: list[Awaited | None]
    is_flagged: bool = False
    """Whether it was told that nobody is there to take it."""


class Sent(msgspec.Struct, array_like=True):
    """A contact: when, how important (a lesser rank is more), and the digest of the user that gave rise to it."""

    at: int
    rank: int
    user: bytes = b""


class Waiting(msgspec.Struct, array_like=True):
    """An alert that fires and is held back: when it is decided anew, since when it waits, the how-manieth decision."""

    due: int
    since: int
    attempt: int
    user: str = ""


class Person(msgspec.Struct, array_like=True, frozen=True):
    """What a user has said: their time zone, whether they are to be left alone, and when they said it."""

    zone: str = ""
    opted_out: bool = False
    at: int = 0


class Outreach(msgspec.Struct, array_like=True):
    """What has been done about the alerts of one account, by the place of the alert.

    `plays`: the play each was fired with, where that is not certain; `sent`: the contacts that still matter, and
    `held`: the alerts that wait. `people`: users by their digest, the one not heard of longest first.
    """

    plays: dict[int, str] = msgspec.field(default_factory=dict)
    sent: list[Sent] = msgspec.field(default_factory=list)
    held: dict[int, Waiting] = msgspec.field(default_factory=dict)
    people: dict[bytes, Person] = msgspec.field(default_factory=dict)


EMPTY = msgspec.Raw(b"\x90")
"""A packed struct all of whose fields have their defaults."""


class Before(msgspec.Struct, array_like=True):
    """The stage an account stood in before its last move: since when, and where it had come from into that."""

    stage_at: int
    previous: int


class Vitals(msgspec.Struct, array_like=True):
    """The health of an account as of its last closed day: the score and its parts, -1 for unknown; drivers as bits."""

    score: int = -1
    parts: list[int] = msgspec.field(default_factory=list)
    drivers: int = 0


class Forecast(msgspec.Struct, array_like=True, frozen=True):
    """How likely a renewal was held to be, by which line of the forecast, of how much revenue, and when."""

    name: str
    likelihood: float
    mrr: int
    at: int


class Contract(msgspec.Struct, array_like=True):
    """The contract that runs, and what is known of its end. Instants in UTC ms, 0 for never.

    What is called `was` stood before the latest changes, which may belong to a renewal that is not told of yet.
    """

    ends_at: int = 0
    moved_at: int = 0
    ends_was: int = 0
    forecast: Forecast | None = None
    forecast_was: Forecast | None = None
    mrr: int = 0
    mrr_changed_at: int = 0
    mrr_was: int = 0
    renewed_at: int = 0
    settles_at: int = 0
    """When the outcome is told, once something is known of it."""
    told: int = 0
    """How many ends were told."""
    told_for: int = 0
    """The last end that was told, unless the account was lost by it."""


class Rare(msgspec.Struct, array_like=True):
    """What few events need: traits by place, alert episodes by place, when each milestone was reached, open cases by
    the place of their alert, and by the place of the team who owns the account there."""

    traits: dict[int, Trait] = msgspec.field(default_factory=dict)
    alerts: dict[int, Episode] = msgspec.field(default_factory=dict)
    reached: dict[int, int] = msgspec.field(default_factory=dict)
    outreach: msgspec.Raw = EMPTY
    """A packed `Outreach`, unpacked only when an alert fires or ends."""
    cases: dict[int, Case] = msgspec.field(default_factory=dict)
    owners: dict[int, str] = msgspec.field(default_factory=dict)
    vitals: Vitals | None = None
    before: Before | None = None

    release_at: int = 0
    """When the first of the alerts held back is decided anew; 0 for none."""
    contract: Contract | None = None


class Standing(msgspec.Struct, array_like=True):
    """How an account was last told to stand: its segments, and what it adds to each sum."""

    segment: dict[str, str]
    counts: dict[str, int]


class Opening(msgspec.Struct, array_like=True):
    """What an account paid, and in which segments it stood, as the period that began on the day `first` opened."""

    first: int
    mrr: int
    segment: dict[str, str]


def _no_openings() -> list[Opening]:
    return [Opening(-1, 0, {}) for _ in range(3)]


class Books(msgspec.Struct, array_like=True):
    """What an account pays, and what was told of it to the KPIs: the openings are of its day, week and month."""

    mrr: int = 0
    moves: int = 0
    moved_at: int = 0
    cohort: int = 0
    """The month it began in, counted from the year 0, as first told; 0 if nothing was."""
    is_judged: bool = False
    is_activated: bool = False
    stands: Standing | None = None
    used: Standing | None = None
    openings: list[Opening] = msgspec.field(default_factory=_no_openings)
    heard: dict[int, dict[str, int]] = msgspec.field(default_factory=dict)
    """What events told besides, by days that are held and not closed since."""


class Figures(msgspec.Struct, array_like=True):
    """The KPI partition: how many facts it has taken, and the first day that is not closed; -1 before the first."""

    version: int = VERSION
    applied: int = 0
    day: int = -1


class Readings(msgspec.Struct, array_like=True):
    """Trailing windows, each at its place: what the closed days bring to windows that end on the day `as_of`, and
    what was read when the last day closed."""

    as_of: int = 0
    past: list[Cell] = msgspec.field(default_factory=list)
    closed: list[int] = msgspec.field(default_factory=list)
    grades: list[int] = msgspec.field(default_factory=list)
    """How sure a usage drop was at the last close of a day, by place."""


class Pending(msgspec.Struct, array_like=True):
    """What was opened, by the digest of its id: since when, and when last again. What was closed and never opened."""

    opened: dict[bytes, tuple[int, int]] = msgspec.field(default_factory=dict)
    closed: dict[bytes, int] = msgspec.field(default_factory=dict)


class Steps(msgspec.Struct, array_like=True):
    """The latest instants of A and of B, and of the latest B that came soon enough after an A."""

    firsts: list[int] = msgspec.field(default_factory=list)
    seconds: list[int] = msgspec.field(default_factory=list)
    met_at: int = 0


class Tallies(msgspec.Struct, array_like=True):
    """What measures keep besides days, by place.

    `latest`: when a number was last told, and the number in thousandths. `visits`: by open day, and by the digest of a
    user, the starts and ends of visits in order.
    """

    latest: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)
    pending: dict[int, Pending] = msgspec.field(default_factory=dict)
    visits: dict[int, dict[int, dict[bytes, list[int]]]] = msgspec.field(default_factory=dict)
    steps: dict[int, Steps] = msgspec.field(default_factory=dict)


class Hot(msgspec.Struct, array_like=True):
    """What changes with each event. Instants in UTC ms, days as days since 1970, 0 for never.

    `rare`, `readings`, `books` and `tallies` are packed `Rare`, `Readings`, `Books` and `Tallies`, unpacked only when
    needed.
    """

    version: int = VERSION
    vocabulary: int = 0
    applied: int = 0
    born_at: int = 0
    at: int = 0
    decided: int = 0
    due: int = 0
    stage: int = 0
    stage_at: int = 0
    previous: int = 0
    moves: int = 0
    updates: int = 0
    settled: Cell = 0
    """The examinations whose outcome stands, as bits: milestones reached, alerts firing."""
    last: list[int] = msgspec.field(default_factory=list)
    totals: list[int] = msgspec.field(default_factory=list)
    awaiting: list[int] = msgspec.field(default_factory=list)
    open: dict[int, list[Cell]] = msgspec.field(default_factory=dict)
    seen: bytes = b""
    seen_before: bytes = b""
    rare: msgspec.Raw = EMPTY
    readings: msgspec.Raw = EMPTY
    books: msgspec.Raw = EMPTY
    tallies: msgspec.Raw = EMPTY
    timed_at: int = 0
    """Before this instant time changes nothing, but that days close; 0 where it has yet to be found."""


class Cold(msgspec.Struct, array_like=True):
    """The users that bitmaps count, eight bytes a slot, and the closed days on which something happened.

    `days` is a packed dict of `day: columns`, unpacked only when a closed day is read.
    """

    version: int = VERSION
    users: bytes = b""
    days: msgspec.Raw = msgspec.Raw(b"\x80")
    personas: list[bytes] = msgspec.field(default_factory=list)
    """For each persona, a bitmap of the users who are."""
    told: bytes = b""
    """When each trait of each user was last told: six bytes an instant, slot by slot."""
    profiles: dict[int, bytes] = msgspec.field(default_factory=dict)
    """Of a busy account, by the place of the column of hours, those that are never silent: 51 bytes each."""


class Vocabulary(msgspec.Struct, array_like=True, frozen=True):
    """The names behind the positions of a state, so that a changed journey finds its own places again."""

    columns: list[str]
    milestones: list[str]
    stages: list[str]
    alerts: list[str]
    lasts: list[str]
    totals: list[str]
    absences: list[str]
    traits: list[str]
    features: list[str]
    tallies: list[str] = msgspec.field(default_factory=list)
    teams: list[str] = msgspec.field(default_factory=list)
    health: list[str] = msgspec.field(default_factory=list)
    personas: list[str] = msgspec.field(default_factory=list)
    user_traits: list[str] = msgspec.field(default_factory=list)


class Membership(msgspec.Struct, array_like=True):
    """At an instant a user joined an account, or left it."""

    since: int
    account: str
    joined: bool = True


class User(msgspec.Struct, array_like=True):
    """The state of one user in `route`: memberships by time, the ids seen lately, and who else the user is.

    `path` leads from the person's own id down to the one this id was told to be; it is empty for the person's own.
    `known_as` are the ids that were told to be this one.
    """

    version: int = VERSION
    applied: int = 0
    memberships: list[Membership] = msgspec.field(default_factory=list)
    seen: bytes = b""
    seen_before: bytes = b""
    path: list[str] = msgspec.field(default_factory=list)
    known_as: list[str] = msgspec.field(default_factory=list)


class Held(msgspec.Struct, array_like=True):
    """A message in `route` that waits for the account of its user, as it came. Instants in UTC ms."""

    version: int = VERSION
    offset: int = 0
    at: int = 0
    arrived_at: int = 0
    key: bytes | None = None
    value: bytes = b""
    headers: list[tuple[str, bytes | None]] | None = None


class Forgetting(msgspec.Struct, array_like=True):
    """An order that a partition is carrying out: of what an id is, the id, and when the order was given, in UTC ms."""

    version: int = VERSION
    kind: str = ""
    id: str = ""
    at: int = 0
    watermark: int = 0
    """Up to where time had decided before."""


class PartitionClock(msgspec.Struct, array_like=True):
    """The clock of one partition: its own greatest arrival, and the progress of each source partition before it."""

    version: int = VERSION
    clock: int = 0
    journey: str = ""
    """The digest of the journey that wrote the states: under another one every deadline is found anew."""
    own: int = 0
    of: int = 0
    sources: dict[int, tuple[int, bool]] = msgspec.field(default_factory=dict)
    at: tuple[int, int] = (0, 1)
    """Which of how many partitions this is, as the markers say."""
    seen: dict[str, dict[int, int]] = msgspec.field(default_factory=dict)
    """In `route`: by source and hour, the accounts that have been seen and are not told of yet, as bits."""


class Instrument(msgspec.Struct, array_like=True):
    """What a partition of accounts knows of one source as a whole. Hours are counted since 1970."""

    version: int = VERSION
    hour: int = 0
    """The first hour that is not closed; 0 before any was."""
    ahead: dict[int, int] = msgspec.field(default_factory=dict)
    """By hour that is not closed, the accounts seen in it, as bits."""
    profile: bytes = b""
    counts: list[int] = msgspec.field(default_factory=list)
    """Of each of the last closed days, how many accounts were seen in its hours; at most 29."""
    today: int = 0
    active: int = 0
    """The same of the day that is not closed, and its hours with enough accounts, as bits."""
    alive_at: int = 0
    """The end of the last hour with enough accounts, in UTC ms."""
    episode: int = 0
    since: int = 0
    """Since when it is dark; 0 while it is not."""
    returned: int = 0
    """While it is dark, the accounts seen since an hour was last missed."""
    missed: dict[int, int] = msgspec.field(default_factory=dict)
    """By day, the hours in which several accounts should have been seen and were not, as bits; of 400 days."""
    dark: list[int] = msgspec.field(default_factory=list)
    """Of those, the days on which so many were missed that they tell nothing of accounts."""
