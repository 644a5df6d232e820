"""`journey report holdout`: what contact brings about, against accounts that were held out."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from schemas.journey import Holdout
from streams.cli.ending import ASKED_WRONGLY
from streams.cli.lines import body_of
from streams.cli.options import JourneyFile, Json, journey_of, settings_and_topics
from streams.cli.records import whole
from streams.cli.say import fail, json_line, line, out, rows
from streams.cli.tail import opened
from streams.holdout import Compared, Readout, Tally

READ = ("alerts", "milestones", "transitions")

Folder = Annotated[
    Path | None,
    typer.Argument(metavar="DIR", help="What `journey replay --out DIR` wrote. None: read the topics."),
]


def holdout(folder: Folder = None, *, journey: JourneyFile = None, as_json: Json = False) -> None:
    """Compare accounts that were contacted with those held out: how many met each declared outcome in its span.

    Reads alerts, milestones and transitions from files, or from their topics to their present end.
    """
    settings, topics = settings_and_topics()
    source = journey_of(journey, settings)
    declared = source.contact.holdout if source.contact else None
    if declared is None:
        fail("the journey declares no holdout; write one under 'contact'", ASKED_WRONGLY)
    readout = Readout(declared)
    if folder is not None:
        bodies = _of_files(folder)
    else:
        messages = (m for name in READ for m in whole(settings, *opened(settings, topics, name)))
        bodies = (body for message in messages if (body := body_of(message)) is not None)
    _tell(readout, declared, bodies, as_json=as_json)


def _of_files(folder: Path) -> Iterator[dict[str, Any]]:
    for name in READ:
        try:
            with (folder / f"{name}.jsonl").open("rb") as file:
                yield from map(orjson.loads, file)
        except OSError as failure:
            fail(f"{failure.filename}: {failure.strerror or failure}", ASKED_WRONGLY)


def _tell(readout: Readout, declared: Holdout, bodies: Iterable[dict[str, Any]], *, as_json: bool) -> None:
    for body in bodies:
        readout.take(body)
    compared = list(readout.compared())
    if as_json:
        json_line({"share": declared.share, "outcomes": [as_data(one) for one in compared]})
        return
    out().print(_table(compared))
    line("difference: of the rates, with its 95 % interval. Left out: who had it before, and whose span is not over")


def as_data(one: Compared) -> dict[str, object]:
    """One outcome as data."""
    groups = {"treatment": one.treatment, "holdout": one.holdout}
    return {
        "outcome": one.outcome,
        **{name: _tally(tally) for name, tally in groups.items()},
        "difference": one.difference,
        "interval": list(one.interval) if one.interval else None,
    }


def _tally(tally: Tally) -> dict[str, object]:
    return {
        "accounts": tally.accounts,
        "met": tally.met,
        "rate": tally.rate,
        "had_it_before": tally.before,
        "open": tally.open,
    }


def _table(compared: Iterable[Compared]) -> Table:
    table = rows("outcome", "contacted", "held out", "difference", "from", "to", right=(1, 2, 3, 4, 5))
    for one in compared:
        ours, theirs = one.treatment, one.holdout
        low, high = one.interval or (None, None)
        table.add_row(one.outcome, _share(ours), _share(theirs), *map(_percent, (one.difference, low, high)))
    return table


def _share(tally: Tally) -> str:
    return f"{tally.met:,} of {tally.accounts:,} ({_percent(tally.rate)})"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"
