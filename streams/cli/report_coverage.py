"""`journey report coverage`: which declared events come, which do not, and what comes that nobody declared."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from schemas.journey import Journey
from streams.cli.ending import ASKED_WRONGLY, FOUND_WRONG
from streams.cli.options import JourneyFile, Json, journey_of, settings_and_topics
from streams.cli.records import whole
from streams.cli.replay import open_inputs, readable_inputs
from streams.cli.say import count, err, fail, json_line, out, printable, rows
from streams.cli.tail import opened
from streams.coverage import MAX_UNDECLARED, Coverage, Fault, Faulty, Seen, described
from streams.engine.clock import decode_progress
from streams.engine.times import rfc3339
from streams.kafka.topics import Topics
from streams.settings import Settings

TOLD_EVERY = 5_000
COUNTED = ("count", "first", "last")

Inputs = Annotated[
    list[Path] | None,
    typer.Argument(metavar="INPUT", help="JSON Lines of Segment messages; - is standard input. None: read from Kafka."),
]
Topic = Annotated[str, typer.Option("--topic", metavar="TOPIC", help="Without inputs: events, or account-events.")]
Record = tuple[bytes | None, int | None, str]
"""A message: its value, when it was recorded, and where it is."""


def coverage(
    inputs: Inputs = None, *, journey: JourneyFile = None, topic: Topic = "events", as_json: Json = False
) -> None:
    """Hold what came against the journey's taxonomy: never seen, not declared, malformed; by event, feature and owner.

    Reads files, or a topic from its beginning to its present end, committed records only. Every message counts,
    redelivered ones too. Ends with 1 if anything declared never came, or what came is not declared or malformed.
    """
    settings, topics = settings_and_topics()
    found = Coverage(journey_of(journey, settings))
    with ExitStack() as stack:
        try:
            for value, recorded_at, where in _records(inputs, settings, topics, topic, stack):
                found.take(value, recorded_at, where)
        except OSError as failure:
            fail(f"{failure.filename}: {failure.strerror or failure}", ASKED_WRONGLY)
    if as_json:
        json_line(as_data(found))
    else:
        for part in _tables(found):
            out().print(part)
    if not found.is_whole:
        raise typer.Exit(FOUND_WRONG)


def _records(
    inputs: list[Path] | None, settings: Settings, topics: Topics, topic: str, stack: ExitStack
) -> Iterator[Record]:
    return _of_files(inputs, stack) if inputs else _of_topic(settings, topics, topic, stack)


def _of_files(inputs: list[Path], stack: ExitStack) -> Iterator[Record]:
    for name, lines in open_inputs(readable_inputs(inputs), stack, doing="coverage"):
        for number, raw in enumerate(lines, 1):
            if raw.strip():
                yield raw.rstrip(b"\r\n"), None, f"{name}:{number}"


def _of_topic(settings: Settings, topics: Topics, topic: str, stack: ExitStack) -> Iterator[Record]:
    name, partitions = opened(settings, topics, topic)
    bar = stack.enter_context(_counting())
    task = bar.add_task(name, total=None)
    for number, message in enumerate(whole(settings, name, partitions), 1):
        if number % TOLD_EVERY == 0:
            bar.update(task, completed=number)
        if message.key() is None and decode_progress(message.value()) is not None:
            continue  # word of how far time has come, which `route` writes between the events
        yield message.value(), message.timestamp()[1], f"{name}[{message.partition()}]@{message.offset()}"


def _counting() -> Progress:
    parts = SpinnerColumn(), TextColumn("{task.description} {task.completed:,}"), TimeElapsedColumn()
    return Progress(*parts, console=err(), transient=True, disable=not err().is_terminal)


def as_data(found: Coverage) -> dict[str, object]:
    """The report as data, in the order of the file."""
    return {
        "messages": found.messages,
        "never_seen": found.never_seen,
        "undeclared": [{"event": name, **_seen(seen)} for name, seen in _most(found.undeclared)],
        "undeclared_beyond": found.beyond,
        "malformed": [_faulty(fault, faulty) for fault, faulty in found.malformed.items()],
        "events": [_event(found.source, name, found.declared.get(name, Seen())) for name in found.source.events],
        "calls": [{"call": name, **_seen(seen)} for name, seen in described(found)],
        "sources": dict(found.by_source()),
        "features": dict(found.by_feature()),
        "owners": dict(found.by_owner()),
    }


def _event(source: Journey, name: str, seen: Seen) -> dict[str, object]:
    declared = source.events[name]
    known = {"event": name, "source": declared.source.value, "feature": declared.feature, "owner": declared.owner}
    return known | _seen(seen)


def _seen(seen: Seen) -> dict[str, object]:
    first, last = (rfc3339(at) if seen.count else None for at in (seen.first_at, seen.last_at))
    return {"count": seen.count, "first_at": first, "last_at": last}


def _faulty(fault: Fault, faulty: Faulty) -> dict[str, object]:
    return {"reason": fault.reason, "event": fault.event, "count": faulty.count, "examples": faulty.examples}


def _most(seen: dict[str, Seen]) -> list[tuple[str, Seen]]:
    return sorted(seen.items(), key=lambda one: (-one[1].count, one[0]))


def _tables(found: Coverage) -> Iterator[RenderableType]:
    declared, whom = len(found.source.events), ("source", "feature", "owner")
    head = f"{count(found.messages, 'message')}; {declared - len(found.never_seen)} of {declared} declared events seen"
    yield Text(head, style="bold")
    yield from _table(("declared, never seen", *whom), ([name, *_of(found, name)] for name in found.never_seen))
    beyond = [[f"and more names than {MAX_UNDECLARED:,}", f"{found.beyond:,}"]] if found.beyond else []
    names = [_row(name, seen) for name, seen in _most(found.undeclared)]
    yield from _table(("seen, not declared", *COUNTED), [*names, *beyond])
    faults = sorted(found.malformed.items(), key=lambda one: -one[1].count)
    yield from _table(("malformed", "count", "event", "examples"), (_fault_row(*one) for one in faults))
    seen_events = [name for name in found.source.events if name in found.declared]
    events = [[*_row(name, found.declared[name]), *_of(found, name)] for name in seen_events]
    yield from _table(("event", *COUNTED, *whom), [*events, *(_row(*one) for one in described(found))])
    for title, counts in (("source", found.by_source()), ("feature", found.by_feature()), ("owner", found.by_owner())):
        yield from _table((title, "count"), ([name, f"{number:,}"] for name, number in counts.items()))


def _table(titles: tuple[str, ...], lines: Iterable[list[str]]) -> Iterator[RenderableType]:
    """A table with an empty line before it; of nothing, nothing."""
    table = rows(*titles, right=(1,) if titles[1] == "count" else ())
    for line in lines:
        table.add_row(*map(printable, line))
    if table.row_count:
        yield Text()
        yield table


def _row(name: str, seen: Seen) -> list[str]:
    return [name, f"{seen.count:,}", rfc3339(seen.first_at)[:10], rfc3339(seen.last_at)[:10]]


def _of(found: Coverage, name: str) -> list[str]:
    declared = found.source.events[name]
    return [declared.source.value, declared.feature or "", declared.owner or ""]


def _fault_row(fault: Fault, faulty: Faulty) -> list[str]:
    return [fault.reason, f"{faulty.count:,}", fault.event or "", ", ".join(faulty.examples)]
