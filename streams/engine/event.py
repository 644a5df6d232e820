"""First on the path, what comes of it: an event, whichever call it came as."""

import msgspec

from streams.engine.calls import AnyCall, Kind


class Event(msgspec.Struct, frozen=True, gc=False):
    """What a user did in the product. Instants are UTC ms; ids and names are never empty, absent is None."""

    name: str
    """The event of a track call; the others are $identify, $group, $page, $screen, $alias."""
    user: str
    """userId, else anonymousId."""
    message_id: str
    at: int
    """When it happened."""
    arrived_at: int
    clamped: bool
    """It claimed to happen more than CLOCK_AHEAD_MS after it arrived, so `at` is its arrival."""
    group_id: str | None
    """The account, as the event itself names it: groupId of a group call, else context.groupId."""
    members: msgspec.Raw
    """Properties, or traits of an identify or group call, as they came: an object or null."""
    call: AnyCall
    """The call it came as, for what only some calls say."""

    @property
    def kind(self) -> Kind:
        """Which Segment call it came as."""
        return self.call.kind
