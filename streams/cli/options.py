"""Options that several commands share, and what they stand for."""

from pathlib import Path
from typing import Annotated

import typer

from schemas.journey import Journey
from schemas.reading import read_journey
from streams.kafka.topics import Topics
from streams.settings import Settings, SettingsError, load_settings

Json = Annotated[bool, typer.Option("--json", help="Print the data as JSON.")]
JourneyFile = Annotated[
    Path | None,
    typer.Option("--journey", metavar="FILE", help="The journey file; else the one JOURNEY_FILE names."),
]


def journey_of(given: Path | None, settings: Settings) -> Journey:
    """The journey a command works by: the one given, else that of the settings."""
    path = given or settings.file
    if path is None:
        raise SettingsError("JOURNEY_FILE: no journey file is named; set it, or pass --journey FILE")
    return read_journey(path)


def settings_and_topics() -> tuple[Settings, Topics]:
    """The settings, and the topics they name."""
    settings = load_settings()
    try:
        return settings, Topics(settings.topic_prefix)
    except ValueError as fault:
        raise SettingsError(f"JOURNEY_TOPIC_PREFIX: {fault}") from None
