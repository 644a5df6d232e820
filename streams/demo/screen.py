"""What is seen while the demo runs: in a terminal a bar and verdicts passing by; elsewhere a line now and then."""

import time
from collections import Counter, deque
from types import TracebackType
from typing import Final, Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from streams.demo.stories import STORIES
from streams.demo.verdicts import FIRING, Body
from streams.demo.words import day_of, told

FRAME_S: Final = 0.1
LINE_S: Final = 0.2
"""Faster than this nobody reads: of the verdicts in between one is shown."""
PLAIN_DAYS: Final = 15
_NAMED: Final = frozenset(story.account for story in STORIES)


class Screen(Protocol):
    """What a demo tells while it runs. Leaving it gives the terminal back."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def note(self, text: str) -> None:
        """Say what is being waited for."""

    def hear(self, topic: str, body: Body) -> None:
        """Take a verdict."""

    def show(self, at: int, events: int) -> None:
        """Show that the story has come to an instant, and how many events were sent."""


class Silent:
    """Says nothing: somebody asked for data."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def note(self, text: str) -> None:
        """Nothing."""

    def hear(self, topic: str, body: Body) -> None:
        """Nothing."""

    def show(self, at: int, events: int) -> None:
        """Nothing."""


class Lines(Silent):
    """Plain lines, for logs: every so many days, and every move of a named account."""

    def __init__(self, console: Console, days: int) -> None:
        self._console = console
        self._days = days
        self._told = 0
        self._counts: Counter[str] = Counter()

    def note(self, text: str) -> None:
        """Say it in a line."""
        self._console.print(text, markup=False, highlight=False)

    def hear(self, topic: str, body: Body) -> None:
        """Count it; tell it if the account is a named one."""
        self._counts[topic] += 1
        if topic == "transitions" and body["account_id"] in _NAMED:
            self._console.print(told(topic, body), soft_wrap=True)

    def show(self, at: int, events: int) -> None:
        """Tell where the story is, at every fortnight or so."""
        day = min(self._days, day_of(at))
        if day // PLAIN_DAYS > self._told:
            self._told = day // PLAIN_DAYS
            said = ", ".join(f"{count:,} {topic}" for topic, count in sorted(self._counts.items()))
            self.note(f"day {day} of {self._days}: {events:,} events; {said}")


class Scenes(Silent):
    """The terminal: what has just been said above, how far the story is below."""

    def __init__(self, console: Console, days: int) -> None:
        self._days = days
        self._console = console
        self._counts: Counter[str] = Counter()
        self._lines: deque[Text] = deque(maxlen=200)
        self._waiting: list[tuple[int, Text]] = []
        self._note = ""
        self._drawn_at = self._line_at = 0.0
        columns = TextColumn("day {task.completed:.0f} of {task.total:.0f}"), BarColumn(None)
        self._bar = Progress(*columns, TextColumn("{task.percentage:>3.0f}%"), expand=True)
        self._task = self._bar.add_task("days", total=days)
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)

    def note(self, text: str) -> None:
        """Show it in the last line, at once."""
        self._note = text
        self._draw()

    def hear(self, topic: str, body: Body) -> None:
        """Have it pass by, if it is worth more than what came with it."""
        self._counts[topic] += 1
        if topic != "milestones":
            self._waiting.append((_worth(topic, body), told(topic, body)))

    def show(self, at: int, events: int) -> None:
        """Draw, unless it was only just drawn."""
        now = time.monotonic()
        if now - self._drawn_at < FRAME_S:
            return
        if self._waiting and now - self._line_at >= LINE_S:
            self._lines.append(max(self._waiting, key=lambda waiting: waiting[0])[1])
            self._waiting.clear()
            self._line_at = now
        self._bar.update(self._task, completed=min(self._days, max(0, day_of(at))))
        said = ", ".join(f"{self._counts[topic]:,} {topic}" for topic in ("transitions", "milestones", "alerts"))
        self._note = f"{events:,} events: {said}"
        self._draw()

    def _draw(self) -> None:
        room = max(3, self._console.height - 5)
        lines = list(self._lines)[-room:]
        for line in lines:
            line.truncate(self._console.width, overflow="ellipsis")
        blank = [Text()] * (room - len(lines))
        below = Text(self._note, style="dim", no_wrap=True, overflow="ellipsis")
        self._live.update(Group(*blank, *lines, Text(), self._bar, below), refresh=True)
        self._drawn_at = time.monotonic()


def _worth(topic: str, body: Body) -> int:
    """Named accounts before others, moves before alerts, and what is over last."""
    named = 10 if body["account_id"] in _NAMED else 0
    if topic == "transitions":
        return named + 3
    return named + (2 if body["severity"] == "critical" else 1 if body["status"] == FIRING else 0)


def screen_of(console: Console, days: int) -> Screen:
    """The screen that fits where the output goes."""
    return Scenes(console, days) if console.is_terminal and not console.is_dumb_terminal else Lines(console, days)
