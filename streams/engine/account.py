"""Third on the path: one account. Input goes in, outputs come out, and nothing else changes it.

`receive` folds an event and says what it made true; `advance` says what time alone has made true, instant by
instant and as of each. Both examine only what the input can have changed.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from schemas.spans import DAY_MS, HOUR_MS
from schemas.state import Books, Hot, Outreach, Rare, Tallies, Trait, Vocabulary
from streams.engine.cases import deadlines
from streams.engine.compiled import Journey, Move, Touch
from streams.engine.decode import Event
from streams.engine.health import drivers_of, health_of, take_vitals
from streams.engine.ids import digits, output_id
from streams.engine.kpis.facts import tell
from streams.engine.layout import Fold
from streams.engine.lifecycle import examine_stage
from streams.engine.measures import measures_of
from streams.engine.outputs import (
    AccountUpdated,
    AlertChanged,
    ContactDecided,
    Duplicate,
    Evidence,
    Fact,
    Heard,
    Late,
    MilestoneReached,
    Said,
    SlaChanged,
)
from streams.engine.outreach import Candidate, arbitrate
from streams.engine.predicates import Due, Finding, Predicate
from streams.engine.rejection import Rejected
from streams.engine.retractions import Doubts, doubts_of, overturn
from streams.engine.revenue import examine_revenue
from streams.engine.rules import examine_alert, examine_milestone
from streams.engine.seen import Seen
from streams.engine.segments import segment_of
from streams.engine.taxonomy import NO_CHANGES, Changes, check, warning
from streams.engine.times import NEVER, rfc3339
from streams.engine.transfer import transfer
from streams.engine.visits import forget_visits
from streams.engine.windows import Windows

SEEN_PER_GENERATION = 8
"""Message ids remembered: between 8 and 16, for they are written with each commit. Users remember more, in `route`."""

NOTHING: Sequence[Said | Fact] = ()
"""Most events change nothing that is worth saying."""

_WORD = 1 << 63
_decode_rare = msgspec.msgpack.Decoder(Rare).decode
_decode_books = msgspec.msgpack.Decoder(Books).decode
_decode_outreach = msgspec.msgpack.Decoder(Outreach).decode
_decode_tallies = msgspec.msgpack.Decoder(Tallies).decode
_decode_hot = msgspec.msgpack.Decoder(Hot).decode
_encode = msgspec.msgpack.Encoder().encode


class Snapshot(NamedTuple):
    """An account as stored. `cold` is None when it is as it was, empty when there is nothing in it."""

    due: int
    hot: bytes
    cold: bytes | None


class Account:
    """The state of one account and its only two doors. Instants are UTC ms."""

    __slots__ = (
        "_books", "_outputs", "_outreach", "_rare", "_seen", "_segment", "_tallies", "candidates", "cause", "entered",
        "hot", "id", "instant", "journey", "moves", "put_off", "queued", "settled", "windows",
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
    def begin(cls, journey: Journey, account_id: str) -> "Account":
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
        return cls(journey, account_id, hot, Windows(journey.layout, hot, None))

    @classmethod
    def restore(
        cls,
        journey: Journey,
        account_id: str,
        hot: bytes,
        cold: bytes | None,
        vocabularies: Mapping[int, Vocabulary] | None = None,
    ) -> "Account":
        """An account from its snapshot. KeyError if it speaks a vocabulary that is not among those given."""
        state = _decode_hot(hot)
        if state.vocabulary == journey.vocabulary_id:
            return cls(journey, account_id, state, Windows(journey.layout, state, cold))
        windows = transfer(state, cold, (vocabularies or {})[state.vocabulary], journey)
        account = cls(journey, account_id, state, windows)
        account.reschedule()
        return account

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

    def receive(self, event: Event) -> Sequence[Said | Fact | Heard]:
        """Fold an event, after what its arrival made due. A rejected or duplicate event changes nothing else."""
        hot, journey, at = self.hot, self.journey, event.at
        watermark = event.arrived_at - journey.lateness_ms
        outputs: Sequence[Said | Fact | Heard] = NOTHING
        if hot.due <= watermark:
            outputs = self.advance(watermark)
        elif hot.decided < watermark:
            hot.decided = watermark
        touch = journey.touches.get(event.name) or journey.undeclared
        traits: Changes = NO_CHANGES
        if touch.demands:
            checked = check(event, touch, journey)
            if isinstance(checked, Rejected):
                return [*outputs, checked]
            traits = checked
        if self._seen.saw(digits(event.message_id)):
            return [*outputs, Duplicate(event.message_id)]
        said: Sequence[Said | Fact | Heard]
        cells = self.windows.open.get(at // DAY_MS)
        if cells is not None and touch.is_plain and hot.decided <= at > hot.at:
            said = self._count(event, touch, cells)
            return [*outputs, *said] if outputs else said
        said = self._apply(event, touch, traits)
        if touch.warns and (warned := warning(event, touch)) is not None:
            said = [warned, *said]
        return [*outputs, *said] if outputs else said

    def advance(self, watermark: int) -> Sequence[Said | Fact]:
        """Decide everything that time alone has decided up to the watermark, each as of its own instant."""
        hot = self.hot
        if hot.due > watermark or watermark <= hot.decided:
            hot.decided = max(hot.decided, watermark)
            return NOTHING
        outputs: list[Said | Fact] = []
        while hot.due <= watermark:
            outputs += self._decide(hot.due)
        hot.decided = watermark
        return outputs

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

    def evidence(self, predicate: Predicate) -> Evidence:
        """Why a condition holds: what its leaves saw, and the event that turned it, if an event did."""
        return self.evidence_of(predicate.evidence(self))

    def evidence_of(self, found: Sequence[Finding]) -> Evidence:
        """The same, of what was found otherwise."""
        cause = self.cause
        because: dict[str, object] = {"because": found}
        if cause is not None:
            because["event"] = {
                "message_id": cause.message_id,
                "name": cause.name,
                "at": rfc3339(cause.at),
                "user_id": cause.user,
            }
        return because

    def say(self, output: Said | Fact) -> int:
        """Take an output down, to be returned by the door that is open; its number among those."""
        self._outputs.append(output)
        return len(self._outputs) - 1

    def amend(self, number: int, decided: ContactDecided) -> None:
        """Put the decision on contact into an alert taken down before, by its number."""
        said = self._outputs[number]
        assert isinstance(said, AlertChanged)
        self._outputs[number] = msgspec.structs.replace(said, contact=decided)

    def _count(self, event: Event, touch: Touch, cells: list[int]) -> Sequence[Said | Fact]:
        """Apply a plain event that came in order, on the open day of `cells`: the short way, and most go it."""
        hot, settled = self.hot, self.settled
        hot.at = at = event.at
        wakes = touch.wakes[self.windows.count(cells, touch.fold, event.user)]
        for column in touch.fold.hours:
            cells[column] |= 1 << at // HOUR_MS % 24
        last, is_new = hot.last, False
        for place in touch.marks:
            last[place] = at
        for place, silence in touch.silences:
            is_new = is_new or at - last[place] >= silence
            last[place] = at
        if touch.counts_on:
            is_new = self._count_on(at, touch, is_late=False) or is_new
        bits, moves = wakes.fires & ~settled | wakes.ends & settled, wakes.moves[hot.stage]
        if bits or moves:
            self.moves = moves
            self._examine(bits | self.journey.stage_bit if moves else bits, max(at, hot.decided), event)
        if is_new:
            self._bring_forward(touch.dues[hot.stage])
        return self._take(reschedules=False) if self._outputs else NOTHING

    def _bring_forward(self, dues: Sequence[Due]) -> None:
        """Let the next deadline be no later than any of these."""
        hot = self.hot
        for due in dues:
            if hot.decided < (instant := due(self)) < hot.timed_at:
                hot.timed_at = instant
                hot.due = min(hot.due, instant)

    def _apply(self, event: Event, touch: Touch, traits: Changes) -> Sequence[Said | Fact | Heard]:
        """Fold an event that counts, and examine what it can have changed."""
        hot, at, journey = self.hot, event.at, self.journey
        is_late = event.arrived_at - at > journey.lateness_ms
        doubts = doubts_of(self, at) if at < hot.at or at < hot.decided else None
        wakes = touch.wakes[-1]
        bits = wakes.fires & ~self.settled | wakes.ends & self.settled
        self.moves = wakes.moves[hot.stage]
        if self.moves:
            bits |= journey.stage_bit
        is_new = False
        if not hot.born_at or (at < hot.born_at and not is_late):
            self._begin_at(at)
            bits, is_new = journey.everything, True
            self.moves = journey.moves[hot.stage]
        if at > hot.at:
            hot.at = at
        is_folded = self._fold(event, touch.fold)
        if self._mark(at, touch, is_late=is_late):
            is_new = True
        if touch.fold.hours and is_folded:
            self.windows.mark_hour(at, touch.fold.hours)
        if touch.notes and is_folded:
            is_new = sum(take(self, event) for take in touch.notes) > 0 or is_new
        if traits:
            self.moves = journey.moves[hot.stage]
            bits |= self._set_traits(traits, at)
            is_new = True
        if bits or doubts is not None:
            self._examine(bits, max(at, hot.decided, hot.born_at), event, doubts)
        said: Sequence[Said | Fact] = NOTHING
        if is_new or self._outputs:
            said = self._take(reschedules=is_new)
        return [Late(event.message_id, event.arrived_at - at, is_folded), *said] if is_late else said

    def _fold(self, event: Event, fold: Fold) -> bool:
        """Count an event on its day; False where that is no longer held."""
        cells = self.windows.open.get(event.at // DAY_MS)
        if cells is not None:
            self.windows.count(cells, fold, event.user)
            return True
        if not self.windows.fold(event.at, fold, event.user):
            return False
        hot = self.hot
        day_end = (hot.decided // DAY_MS + 1) * DAY_MS
        if hot.due > day_end:
            hot.due = day_end
        return True

    def _begin_at(self, at: int) -> None:
        """The first event, or an earlier one that came after it, begins the account and its initial stage."""
        self.hot.born_at = at
        if not self.hot.moves:
            self.hot.stage_at = at

    def _mark(self, at: int, touch: Touch, *, is_late: bool) -> bool:
        """Note when, how often and what is awaited; True if a deadline may have come nearer."""
        last, is_new = self.hot.last, False
        for place, silence in touch.lasts:
            before = last[place]
            if at > before:
                last[place] = at
                if at - before >= silence:
                    is_new = True
        return (touch.counts_on and self._count_on(at, touch, is_late=is_late)) or is_new

    def _count_on(self, at: int, touch: Touch, *, is_late: bool) -> bool:
        """Note how often, and what is awaited; True if a wait was opened."""
        hot, is_new = self.hot, False
        for place in touch.totals:
            hot.totals[place] += 1
        for place in touch.closes:
            if hot.awaiting[place] <= at:
                hot.awaiting[place] = 0
        for place, answer in touch.opens:
            if not hot.awaiting[place] and hot.last[answer] < at and not is_late:
                hot.awaiting[place] = at
                is_new = True
        return is_new

    def _set_traits(self, traits: Changes, at: int) -> int:
        """Set traits where nothing newer stands; the examinations they wake."""
        bits, self._segment = 0, None
        for place, value in traits.items():
            held = self.rare.traits.get(place)
            if held is None or at >= held.at:
                self.rare.traits[place] = Trait(value, at)
                bits |= self.journey.trait_wakes[place]
        return bits

    def _decide(self, instant: int) -> Sequence[Said | Fact]:
        """Decide one instant: close the day that ends there, and examine what time can have changed."""
        hot = self.hot
        bits, has_changed = 0, False
        if hot.timed_at <= instant:
            bits = self.journey.timed | self.journey.handing & self.settled
        last_day = (instant - 1) // DAY_MS
        closes = instant % DAY_MS == 0 and self.windows.is_held
        hot.decided = instant
        if closes:
            has_changed = self.windows.close(last_day)
            if self.journey.follows_visits:
                forget_visits(self, last_day)
            bits |= self.journey.at_close
        vital = self.journey.vital
        # An account that holds no day any more closes none; then any instant may change its health.
        if vital and 0 < hot.born_at < instant and (closes or not self.windows.is_held) and take_vitals(self, vital):
            bits, has_changed = bits | self.journey.at_health, True
        if hot.born_at:
            self.moves = self.journey.moves[hot.stage]
            self._examine(bits, instant)
        return self._take(always=has_changed, reschedules=True, closed_day=last_day if closes else None)

    def _examine(self, bits: int, instant: int, cause: Event | None = None, doubts: Doubts | None = None) -> None:
        """Examine in order; what comes out true may wake what depends on it, before or after."""
        self.instant, self.cause = instant, cause
        if doubts is not None:
            bits |= overturn(self, doubts)
        self.entered = 1 << self.hot.stage
        stage_bit = self.journey.stage_bit
        while bits:
            bit = bits & -bits
            bits ^= bit
            if bit < stage_bit:
                woken = examine_milestone(self, bit.bit_length() - 1)
                if woken & stage_bit:
                    self.moves = self.journey.moves[self.hot.stage]
                bits |= woken
            elif bit == stage_bit:
                bits |= examine_stage(self)
            elif bit == self.journey.revenue_bit:
                examine_revenue(self)
            else:
                examine_alert(self, (bit // stage_bit).bit_length() - 2)
        policy = self.journey.policy
        if policy is not None and (self.candidates or cause is None):
            arbitrate(self, policy)

    def reschedule(self) -> None:
        """Find the next instant at which time alone may change something."""
        hot, journey = self.hot, self.journey
        instants = [due(self) for due in journey.dues]
        instants += [due(self) for due in journey.stage_dues[hot.stage]]
        if journey.dwell_ms[hot.stage]:
            instants.append(hot.stage_at + journey.dwell_ms[hot.stage])
        instants += [
            episode.fired_at + journey.alerts[place].cooldown_ms
            for place, episode in self.rare.alerts.items()
            if not episode.firing
        ]
        if journey.handing & self.settled:
            instants += deadlines(self)
        if journey.policy is not None:
            instants.append(self.rare.release_at)
        hot.timed_at = min((instant for instant in instants if instant > hot.decided), default=NEVER)
        # The close of the day, where one is held, or what comes before it.
        day_end = (hot.decided // DAY_MS + 1) * DAY_MS
        hot.due = day_end if day_end < hot.timed_at and self.windows.is_held else hot.timed_at

    def _take(self, *, reschedules: bool, always: bool = False, closed_day: int | None = None) -> Sequence[Said | Fact]:
        """Hand over what was said, with the account as it now stands; milestones alone move no deadline, nor that."""
        outputs = self._outputs
        kinds = {type(said) for said in outputs}
        if reschedules or not kinds <= {MilestoneReached}:
            self.reschedule()
        if self.journey.kpis is not None:
            tell(self, tuple(outputs), closed_day)
        if not outputs and not always:
            return NOTHING
        self._outputs = []
        if always or not kinds <= {MilestoneReached, SlaChanged}:
            outputs.append(self._updated())
        return outputs

    def _updated(self) -> AccountUpdated:
        hot, journey, vital = self.hot, self.journey, self.journey.vital
        hot.updates += 1
        return AccountUpdated(
            id=output_id(self.id, "account", hot.updates, "updated"),
            account=self.id,
            segment=self.segment,
            at=max(hot.at, hot.decided),
            stage=journey.stages[hot.stage],
            stage_at=hot.stage_at,
            since_at=hot.born_at,
            last_at=hot.at,
            milestones={journey.milestones[place].name: at for place, at in self.rare.reached.items()},
            measures=measures_of(self),
            traits={
                name: value for name, (place, _) in journey.traits.items() if (value := self.trait(place)) is not None
            },
            firing=tuple(journey.alerts[place].name for place, episode in self.rare.alerts.items() if episode.firing),
            health=health_of(self, vital) if vital else None,
            drivers=drivers_of(self, vital) if vital else (),
        )
