"""`journey report review`: the month as a page that people read and look at."""

import re
from pathlib import Path
from typing import Annotated

import typer

from streams.cli.ending import ASKED_WRONGLY
from streams.cli.options import JourneyFile, journey_of
from streams.cli.report_kpis import Source, read
from streams.cli.say import fail, line
from streams.review import Book, months_of
from streams.review import review as write_review
from streams.settings import load_settings


def _month(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise typer.BadParameter(f"{text!r} is not a month; write it as in 2026-03")
    return text


def review(
    source: Source = None,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the page goes.")],
    month: Annotated[
        str | None, typer.Option(metavar="MONTH", callback=_month, help="As in 2026-03; else the last that is closed.")
    ] = None,
    journey: JourneyFile = None,
) -> None:
    """Write the monthly review: one HTML page, whole in itself.

    Funnel, stage conversion, the drop-off of each onboarding step per segment, retention, revenue, churn by cohort, and
    the goal of each segment with what tells of success and what stood in the way.
    """
    declared = journey_of(journey, load_settings())
    months = months_of(read(source))
    chosen = month or max(months, default=None)
    if chosen is None or chosen not in months:
        known = ", ".join(sorted(months)) or "none"
        fail(f"there are no figures of {chosen or 'any month'}; known are {known}", ASKED_WRONGLY)
    currency = declared.revenue.currency if declared.revenue else None
    try:
        out.write_text(write_review(declared, Book(months, chosen, currency)), encoding="utf-8")
    except OSError as failure:
        fail(f"{out}: {failure.strerror or failure}", ASKED_WRONGLY)
    line(f"{out}: the review of {chosen}")
