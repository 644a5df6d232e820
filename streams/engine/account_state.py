"""What an account is: its state, as it is packed and unpacked, and what it says at one input. Nothing here decides."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Self

import msgspec

from schemas.state import Books, Episode, Hot, Outreach, Rare, Tallies
from streams.engine.compiled import Journey, Move
from streams.engine.instruments import ALL_ALIVE, Sources
from streams.engine.outputs import AlertChanged, ContactDecided, Fact, Said
from streams.engine.seen import Seen
from streams.engine.segments import segment_of
from streams.engine.times import NEVER
from streams.engine.windows import Windows

if TYPE_CHECKING:
    from streams.engine.event import Event
    from streams.engine.outreach import Candidate

SEEN_PER_GENERATION = 8
"""Message ids remembered: between 8 and 16, for they are written with each commit. Users remember more, in `route`."""

_WORD = 1 << 63
_decode_rare = msgspec.msgpack.Decoder(Rare).decode
_decode_books = msgspec.msgpack.Decoder(Books).decode
_decode_outreach = msgspec.msgpack.Decoder(Outreach).decode
_decode_tallies = msgspec.msgpack.Decoder(Tallies).decode
_encode = msgspec.msgpack.Encoder().encode


class Snapshot(NamedTuple):
    """An account as stored. `cold` is None when it is as it was, empty when there is nothing in it."""

    due: int
    hot: bytes
    cold: bytes | None


class AccountState:
    """The state of one account, and what is under way while an input is taken in. Instants are UTC ms."""

    __slots__ = (
        "_books", "_outputs", "_outreach", "_rare", "_seen", "_segment", "_spent", "_tallies", "candidates", "cause",
        "entered", "hot", "id", "instant", "journey", "moves", "put_off", "queued", "settled", "windows",
    )  # fmt: skip

    def __init__(self, journey: Journey, account_id: str, hot: Hot, windows: Windows) -> None:
        self.journey = journey
        self.id = account_id
        self.hot = hot
        self.windows = windows
        settled = hot.settled
        self.settled = settled if isinstance(settled, int) else int.from_bytes(settled, "little")
        """The examinations whose outcome stands: milestones reached, alerts firing."""
        self.queued = NEVER
        """The instant that stands in the heap of its partition."""
        self.put_off = NEVER
        """A later one that stands there too, since the account's deadline became earlier."""
        self._seen = Seen(hot, SEEN_PER_GENERATION)
        self._rare: Rare | None = None
        self._books: Books | None = None
        self._outreach: Outreach | None = None
        self._tallies: Tallies | None = None
        self._segment: Mapping[str, str] | None = None
        self._spent: int | None = None
        self._outputs: list[Said | Fact] = []
        self.candidates: list[Candidate] = []
        """The alerts that have just fired and may be sent to people."""
        self.entered = 0
        """The stages, as bits, that one examination has already been in: it enters none of them twice."""
        self.moves: tuple[Move, ...] = ()
        """The ways out of the present stage that may have opened."""
        self.instant = 0
        """The instant as of which things are being examined."""
        self.cause: Event | None = None
        """The event being received, if any."""

    @classmethod
    def begin(cls, journey: Journey, account_id: str, sources: Sources = ALL_ALIVE) -> Self:
        """An account nobody has heard of."""
        vocabulary = journey.vocabulary
        hot = Hot(
            vocabulary=journey.vocabulary_id,
            stage=journey.initial,
            previous=journey.initial,
            due=NEVER,
            last=[0] * len(vocabulary.lasts),
            totals=[0] * len(vocabulary.totals),
            awaiting=[0] * len(vocabulary.absences),
        )
        return cls(journey, account_id, hot, Windows(journey.layout, hot, None, sources))

    def snapshot(self) -> Snapshot:
        """Pack the account; restoring it changes no output."""
        hot, settled = self.hot, self.settled
        hot.settled = settled if settled < _WORD else settled.to_bytes((settled.bit_length() + 7) // 8, "little")
        if self._rare is not None:
            if self._outreach is not None:
                self._rare.outreach = msgspec.Raw(_encode(self._outreach))
            hot.rare = msgspec.Raw(_encode(self._rare))
        if self._books is not None:
            hot.books = msgspec.Raw(_encode(self._books))
        if self._tallies is not None:
            hot.tallies = msgspec.Raw(_encode(self._tallies))
        self._seen.write(hot)
        cold = self.windows.pack()
        return Snapshot(hot.due, _encode(hot), cold)

    @property
    def rare(self) -> Rare:
        """Traits, alert episodes and milestones, unpacked at their first use."""
        if self._rare is None:
            self._rare = _decode_rare(self.hot.rare)
        return self._rare

    @property
    def books(self) -> Books:
        """What it pays, unpacked at its first use."""
        if self._books is None:
            self._books = _decode_books(self.hot.books)
        return self._books

    @property
    def outreach(self) -> Outreach:
        """What has been done about its alerts, unpacked at its first use."""
        if self._outreach is None:
            self._outreach = _decode_outreach(self.rare.outreach)
        return self._outreach

    @property
    def tallies(self) -> Tallies:
        """What measures keep besides days, unpacked at their first use."""
        if self._tallies is None:
            self._tallies = _decode_tallies(self.hot.tallies)
        return self._tallies

    @property
    def spent(self) -> int:
        """The alerts that ended while their condition held: each must be seen to cease before it fires again."""
        if self._spent is None:
            over = [place for place, one in self.rare.alerts.items() if not one.is_armed]
            self._spent = sum(self.journey.stage_bit << 1 + place for place in over)
        return self._spent

    def arm(self, episode: Episode, *, is_armed: bool) -> None:
        """Note whether an alert may fire again."""
        episode.is_armed, self._spent = is_armed, None

    @property
    def due_at(self) -> int | None:
        """When time alone may next change something; None for never. Nothing changes earlier."""
        return self.hot.due if self.hot.due < NEVER else None

    def trait(self, place: int) -> int | float | str | None:
        """The present value of a trait; a date is an instant."""
        trait = self.rare.traits.get(place)
        return None if trait is None else trait.value

    @property
    def segment(self) -> Mapping[str, str]:
        """The segment it is in, for each declared dimension: what its traits say now. Read once, until they change."""
        if self._segment is None:
            self._segment = segment_of(self)
        return self._segment

    def say(self, output: Said | Fact) -> int:
        """Take an output down, to be returned by the door that is open; its number among those."""
        self._outputs.append(output)
        return len(self._outputs) - 1

    def amend(self, number: int, decided: ContactDecided) -> None:
        """Put the decision on contact into an alert taken down before, by its number."""
        said = self._outputs[number]
        assert isinstance(said, AlertChanged)
        self._outputs[number] = msgspec.structs.replace(said, contact=decided)
