"""`journey report lift`: which behaviours precede upgrades and churn, so that triggers are chosen and not guessed."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from schemas.reading import read_journey
from schemas.spans import DAY_MS
from streams.cli.ending import ASKED_WRONGLY
from streams.cli.options import Json
from streams.cli.replay import Inputs, open_inputs
from streams.cli.say import fail, json_line, line, out, rows
from streams.lift import History, Lift, lifts


def lift(
    inputs: Inputs,
    *,
    journey: Annotated[Path, typer.Option("--journey", metavar="FILE", help="The journey file; it declares revenue.")],
    window: Annotated[int, typer.Option(min=1, max=365, help="Days of a window: done in one, moved in the next.")] = 30,
    by: Annotated[str | None, typer.Option(metavar="DIMENSION", help="By segment of this dimension.")] = None,
    as_json: Json = False,
) -> None:
    """Read out which behaviours precede upgrades and churn, with counts and 95 % intervals.

    Of each account that pays as a window ends: what was done in the window, and did it upgrade or churn in the next? A
    lift of 2 means twice as often as among those who did not. It is no cause: it tells where to look.
    """
    source = read_journey(journey)
    if source.revenue is None:
        fail(f"{journey}: declares no revenue, so there is no upgrade and no churn; add 'revenue'", ASKED_WRONGLY)
    if by is not None and by not in source.segments:
        raise typer.BadParameter(f"there is no segment {by!r}; known are {', '.join(source.segments) or 'none'}")
    history = History(source, window * DAY_MS)
    with ExitStack() as stack:
        for _, lines in open_inputs(inputs, stack):
            for raw in lines:
                history.take(raw.rstrip(b"\r\n"))
    _tell(lifts(history.lives.values(), history.last, by), as_json=as_json)


def _tell(found: list[Lift], *, as_json: bool) -> None:
    if as_json:
        for one in found:
            value, low, high = one.ratio
            json_line(one._asdict() | {"lift": round(value, 3), "low": round(low, 3), "high": round(high, 3)})
        return
    if not found:
        line("nothing to compare: no account that paid has upgraded or churned in a window after another")
        return
    table = rows("before", "behaviour", "segment", "did", "did not", "lift", "95 %", right=(3, 4, 5, 6))
    for one in found:
        value, low, high = one.ratio
        did, did_not = f"{one.did_with}/{one.did}", f"{one.did_not_with}/{one.did_not}"
        table.add_row(one.outcome, one.behaviour, one.segment, did, did_not, f"{value:.2f}", f"{low:.2f} to {high:.2f}")
    out().print(table)
