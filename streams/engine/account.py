"""Third on the path: one account. Input goes in, outputs come out, and nothing else changes it.

`receive` folds an event and says what it made true; `advance` says what time alone has made true, instant by
instant and as of each. Both examine only what the input can have changed.
"""

from collections.abc import Mapping, Sequence

import msgspec

from schemas.spans import DAY_MS, HOUR_MS
from schemas.state import Hot, Trait, Vocabulary
from streams.engine.account_record import account_updated
from streams.engine.account_state import AccountState
from streams.engine.compiled import Journey, Touch, Wakes
from streams.engine.event import Event
from streams.engine.examining import examine
from streams.engine.health import take_vitals
from streams.engine.ids import digits
from streams.engine.instruments import ALL_ALIVE, Sources
from streams.engine.kpis.facts import tell
from streams.engine.layout import Fold
from streams.engine.outputs import (
    Duplicate,
    Evidence,
    Fact,
    Heard,
    Late,
    MilestoneReached,
    Said,
    SlaChanged,
)
from streams.engine.predicates import Finding, Predicate
from streams.engine.rejection import Rejected
from streams.engine.retractions import doubts_of
from streams.engine.taxonomy import NO_CHANGES, Changes, check, warning
from streams.engine.times import rfc3339
from streams.engine.timetable import bring_forward, carry_on, reschedule
from streams.engine.transfer import transfer
from streams.engine.visits import forget_visits
from streams.engine.windows import Windows

NOTHING: Sequence[Said | Fact] = ()
"""Most events change nothing that is worth saying."""

_decode_hot = msgspec.msgpack.Decoder(Hot).decode


class Account(AccountState):
    """The state of one account and its only two doors. Instants are UTC ms."""

    __slots__ = ()

    @classmethod
    def restore(
        cls,
        journey: Journey,
        account_id: str,
        hot: bytes,
        cold: bytes | None,
        vocabularies: Mapping[int, Vocabulary] | None = None,
        sources: Sources = ALL_ALIVE,
    ) -> "Account":
        """An account from its snapshot. KeyError if it speaks a vocabulary that is not among those given."""
        state = _decode_hot(hot)
        if state.vocabulary == journey.vocabulary_id:
            return cls(journey, account_id, state, Windows(journey.layout, state, cold, sources))
        windows = transfer(state, cold, (vocabularies or {})[state.vocabulary], journey, sources)
        account = cls(journey, account_id, state, windows)
        reschedule(account)
        return account

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

    def _count(self, event: Event, touch: Touch, cells: list[int]) -> Sequence[Said | Fact]:
        """Apply a plain event that came in order, on the open day of `cells`: the short way, and most go it."""
        hot = self.hot
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
        bits = self._woken(wakes)
        moves = wakes.moves[hot.stage]
        if bits or moves:
            self.moves = moves
            examine(self, bits | self.journey.stage_bit if moves else bits, max(at, hot.decided), event)
        if is_new:
            bring_forward(self, touch.dues[hot.stage])
        return self._take(reschedules=False) if self._outputs else NOTHING

    def _apply(self, event: Event, touch: Touch, traits: Changes) -> Sequence[Said | Fact | Heard]:
        """Fold an event that counts, and examine what it can have changed."""
        hot, at, journey = self.hot, event.at, self.journey
        is_late = event.arrived_at - at > journey.lateness_ms
        doubts = doubts_of(self, at) if at < hot.at or at < hot.decided else None
        wakes = touch.wakes[-1]
        bits = self._woken(wakes)
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
            examine(self, bits, max(at, hot.decided, hot.born_at), event, doubts)
        said: Sequence[Said | Fact] = NOTHING
        if is_new or self._outputs:
            said = self._take(reschedules=is_new)
        return [Late(event.message_id, event.arrived_at - at, is_folded), *said] if is_late else said

    def _woken(self, wakes: Wakes) -> int:
        """What is worth examining of all that an event can change."""
        settled = self.settled
        bits = wakes.fires[self.hot.stage] & ~settled | wakes.ends & settled
        return bits | wakes.arms & self.spent if wakes.arms else bits

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
        bits, has_changed, reschedules = 0, False, hot.timed_at <= instant
        if reschedules:
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
            bits, has_changed, reschedules = bits | self.journey.at_health, True, True
        if hot.born_at:
            self.moves = self.journey.moves[hot.stage]
            examine(self, bits & (self.journey.possible[hot.stage] | self.settled | self.spent), instant)
        return self._take(always=has_changed, reschedules=reschedules, closed_day=last_day if closes else None)

    def _take(self, *, reschedules: bool, always: bool = False, closed_day: int | None = None) -> Sequence[Said | Fact]:
        """Hand over what was said, with the account as it now stands; milestones alone move no deadline, nor that."""
        outputs = self._outputs
        kinds = {type(said) for said in outputs}
        if reschedules or not kinds <= {MilestoneReached}:
            reschedule(self)
        elif closed_day is not None:
            carry_on(self)
        if self.journey.kpis is not None:
            tell(self, tuple(outputs), closed_day)
        if not outputs and not always:
            return NOTHING
        self._outputs = []
        if always or not kinds <= {MilestoneReached, SlaChanged}:
            outputs.append(account_updated(self))
        return outputs
