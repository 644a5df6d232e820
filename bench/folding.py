"""The light journey as a peer's user would write it by hand: milestones reached and events of the day, in one dict."""

from typing import Any

State = dict[str, Any]


def fold(state: State, event: dict[str, Any]) -> str | None:
    """Fold an event into its account's state; the milestone it reached, if any."""
    day, name = event["timestamp"][:10], event["event"]
    days = state.setdefault("days", {})
    days[day] = days.get(day, 0) + 1
    reached = state.setdefault("reached", {})
    if name in reached:
        return None
    reached[name] = event["timestamp"]
    return str(name)
