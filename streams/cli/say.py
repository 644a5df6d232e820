"""How commands speak: what was asked for on standard output, everything else on standard error."""

import os
import select
import sys
from typing import NoReturn

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDE = 10_000


class _Out(Console):
    """A console that takes a closed pipe for a reader who has seen enough."""

    def on_broken_pipe(self) -> None:
        """End well: nobody listens any more."""
        _leave_closed_pipe()


def out() -> Console:
    """Standard output. Lines are as long as they are unless somebody looks at them in a terminal."""
    return _Out(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def err() -> Console:
    """Standard error."""
    return Console(stderr=True, highlight=False)


def line(text: Text | str) -> None:
    """Print one line for people; it is never cut, and what is in it is never taken for markup."""
    out().print(text, soft_wrap=True, markup=False)


def json_line(data: object) -> None:
    """Print one value as one line of JSON."""
    try:
        sys.stdout.write(orjson.dumps(data, default=str).decode() + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _leave_closed_pipe()


def note(text: str) -> None:
    """Tell people what is going on, beside the data."""
    err().print(Text(text), soft_wrap=True)


def fail(text: str, code: int) -> NoReturn:
    """Say on standard error what is wrong, and end."""
    err().print(Text(text), style="red" if sys.stderr.isatty() else None, soft_wrap=True)
    raise typer.Exit(code)


def rows(*titles: str, right: tuple[int, ...] = ()) -> Table:
    """A plain table to add rows to; columns named by position in `right` hold numbers."""
    table = Table(box=None, pad_edge=False, show_header=bool(titles), header_style="bold")
    for position, title in enumerate(titles):
        table.add_column(title, justify="right" if position in right else "left", overflow="fold")
    return table


def printable(text: str) -> str:
    """Text from outside as a terminal may safely show it: no escape sequence survives."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: '1 message', '2,000 messages'."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def reader_left() -> bool:
    """Whether standard output is a pipe that nobody reads any more."""
    watched = select.poll()
    watched.register(sys.stdout, 0)
    return any(seen & (select.POLLERR | select.POLLHUP) for _, seen in watched.poll(0))


def _leave_closed_pipe() -> NoReturn:
    # What Python still flushes at its end must go somewhere.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(0)
