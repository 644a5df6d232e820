"""`journey dead-letters`: what could not become an event, and why."""

from collections import deque
from typing import Annotated

import typer

from streams.cli.cluster import connect
from streams.cli.lines import dead_letter, dead_letter_line
from streams.cli.options import Json, settings_and_topics
from streams.cli.records import headers_of, whole
from streams.cli.say import count, json_line, line, note, printable
from streams.cli.tail import full_name
from streams.engine.rejection import Reason

SHOWN_CHARACTERS = 200

dead_letters = typer.Typer(no_args_is_help=True, help="Look at the messages that could not become events.")


def _known(reason: str | None) -> str | None:
    if reason is not None and reason not in list(Reason):
        raise typer.BadParameter(f"{reason!r} is no reason; docs/dead-letters.md lists them: {', '.join(Reason)}")
    return reason


@dead_letters.command("list")
def list_letters(
    *,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 20,
    reason: Annotated[str | None, typer.Option(metavar="REASON", callback=_known, help="Only these.")] = None,
    show_values: Annotated[bool, typer.Option("--show-values", help="The messages too: personal data, maybe.")] = False,
    as_json: Json = False,
) -> None:
    """List the newest dead letters, oldest first: reason, where each came from, and what is wrong with it."""
    settings, topics = settings_and_topics()
    _, cluster = connect(settings)
    name = full_name("dead-letters", topics, cluster)
    messages = whole(settings, name, list(cluster.topics[name].partitions))
    wanted = (message for message in messages if reason is None or headers_of(message).get("reason") == reason)
    newest = deque(wanted, maxlen=limit)
    for message in newest:
        letter = dead_letter(message, with_value=show_values)
        if as_json:
            json_line(letter)
            continue
        line(dead_letter_line(letter))
        if show_values:
            line(f"    {printable(str(letter['value'])[:SHOWN_CHARACTERS])}")
    if not as_json:
        note(count(len(newest), "dead letter") + (f", the newest {limit}" if len(newest) == limit else ""))
