"""`journey rebuild`: build the states anew from the events that are held."""

from typing import Annotated

import typer

from streams.cli.ending import ASKED_WRONGLY
from streams.cli.options import settings_and_topics
from streams.cli.say import fail, line
from streams.kafka.cluster import connect
from streams.kafka.grants import grants_of
from streams.kafka.rebuild import rebuild as build_anew


def rebuild(
    *, yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this nothing is touched.")] = False
) -> None:
    """Build all states anew, when a changelog was lost: forget what was derived, read the events again.

    Workers must be stopped. The changelogs and the topics between two stages are deleted and made anew, and the group
    is set to the first event that is still held; the next worker then builds the states. What is older than the events'
    retention is forgotten. Verdicts are said again: under the same ids, where an account's whole history is still held.
    """
    settings, topics = settings_and_topics()
    admin, _ = connect(settings, grants_of("rebuild", settings))
    if not yes:
        names = ", ".join(topics.derived)
        fail(f"this deletes and makes anew: {names}; add --yes if that is what you want", ASKED_WRONGLY)
    for step in build_anew(settings, admin, topics):
        line(step)
    line("start a worker now: it builds the states")
