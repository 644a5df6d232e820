"""`journey check`: is this a journey, and what is in it?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from schemas.faults import JourneyError
from schemas.journey import Journey
from schemas.reading import read_journey
from schemas.territories import uncovered
from schemas.touchpoints import notes
from streams.cli.ending import ASKED_WRONGLY
from streams.cli.options import Json
from streams.cli.say import count, json_line, line
from streams.engine.account import Account
from streams.engine.compiler import compile_journey

SHOWN = 5
"""Names told in one warning."""

File = Annotated[Path, typer.Argument(metavar="FILE", help="The journey file.")]


def check(file: File, *, as_json: Json = False) -> None:
    """Check a journey file: every fault at once, with line, path and remedy; else what is in it, and what it lacks."""
    try:
        source = read_journey(file)
    except JourneyError as error:
        if not as_json:
            raise
        json_line({"file": error.name, "ok": False, "faults": [_fault(fault) for fault in error.faults]})
        raise typer.Exit(ASKED_WRONGLY) from None
    contents = summary(source)
    if as_json:
        json_line({"file": str(file), "ok": True, **contents, "warnings": list(warnings(source))})
    else:
        _tell(file, source, contents)


def summary(source: Journey) -> dict[str, int | str]:
    """What a journey declares, and what an account of it takes to keep."""
    journey = compile_journey(source)
    return {
        "name": journey.name,
        "version": journey.version,
        "digest": journey.digest,
        "events": len(source.events),
        "stages": len(journey.stages),
        "milestones": len(journey.milestones),
        "measures": len(journey.measures),
        "alerts": len(journey.alerts),
        "columns_per_day": len(journey.layout.columns),
        "days_held": journey.layout.days,
        "bytes_of_new_account": len(Account.begin(journey, "a").snapshot().hot),
    }


def warnings(source: Journey) -> Iterator[str]:
    """What is no fault, but was probably not meant so."""
    unowned = [name for name, event in source.events.items() if not event.owner]
    if unowned and len(unowned) < len(source.events):  # a journey that names no owners at all does without them
        names = ", ".join(unowned[:SHOWN]) + (f" and {len(unowned) - SHOWN} more" if len(unowned) > SHOWN else "")
        yield f"events: other events name an owner, these name none: {names}; give each its 'owner'"
    yield from map(str, notes(source))
    yield from map(str, uncovered(source))


def _fault(fault: object) -> dict[str, object]:
    return {name: getattr(fault, name) for name in ("line", "column", "path", "message")}


def _tell(file: Path, source: Journey, contents: dict[str, int | str]) -> None:
    line(f"{file} is a journey: {source.name}, version {source.version}, digest {contents['digest']}")
    declared = ("event", "stage", "milestone", "measure", "alert")
    line("  " + ", ".join(count(int(contents[f"{noun}s"]), noun) for noun in declared))
    line(
        f"  state of an account: {contents['bytes_of_new_account']} bytes when new; of each of up to "
        f"{count(int(contents['days_held']), 'day')} {count(int(contents['columns_per_day']), 'cell')}"
    )
    for warning in warnings(source):
        line(f"  warning: {warning}")
