"""`journey report plays`: which plays each stage and segment is given, and what is missing."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from schemas.journey import Journey
from schemas.touchpoints import Served, notes, served
from streams.cli.options import JourneyFile, Json, journey_of, settings_and_topics
from streams.cli.say import json_line, line, out, printable, rows


def plays(*, journey: JourneyFile = None, as_json: Json = False) -> None:
    """Map each stage, and each segment in it, to the plays its accounts can be given; list what is missing.

    A play serves a stage or a segment if some alert that names it can fire there, and its own limits allow it.
    """
    settings, _ = settings_and_topics()
    source = journey_of(journey, settings)
    if as_json:
        json_line(as_data(source))
        return
    for part in _tables(source):
        out().print(part)
    for note in notes(source):
        line(f"missing: {note}")


def as_data(source: Journey) -> dict[str, object]:
    """The report as data, in the order of the file."""
    return {
        "plays": [
            {"play": name, **play.model_dump(mode="json", exclude_none=True)} for name, play in source.plays.items()
        ],
        "served": [
            {"stage": one.stage, "segment": dict(one.segment), "plays": list(one.plays)} for one in served(source)
        ],
        "missing": [{"path": note.path, "message": note.message} for note in notes(source)],
    }


def _tables(source: Journey) -> Iterator[RenderableType]:
    table = rows("play", "channel", "audience", "owner", "content")
    for name, play in source.plays.items():
        parts = (name, play.channel.value, play.audience or "", play.owner or "", play.content or "")
        table.add_row(*map(printable, parts))
    yield table
    yield Text()
    table = rows("stage", "segment", "plays")
    for one in _told(source):
        segment = ", ".join(f"{name} {kind}" for name, kind in one.segment.items())
        table.add_row(*map(printable, (one.stage, segment, ", ".join(one.plays) or "none")))
    yield table


def _told(source: Journey) -> Iterator[Served]:
    """Each stage as a whole, and those of its segments that are given something else."""
    whole: dict[str, tuple[str, ...]] = {}
    for one in served(source):
        if not one.segment:
            whole[one.stage] = one.plays
        if not one.segment or one.plays != whole[one.stage]:
            yield one
