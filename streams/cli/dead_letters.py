"""`journey dead-letters`: what could not become an event, and why; and sending it again, mended."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import Message

from streams.cli.lines import dead_letter, dead_letter_line
from streams.cli.options import Json, settings_and_topics
from streams.cli.records import headers_of, whole
from streams.cli.resend import is_note, read_mended, replayed, resend
from streams.cli.say import count, json_line, line, note, printable
from streams.cli.tail import opened
from streams.engine.rejection import Reason
from streams.kafka.grants import Grant, grants_of
from streams.kafka.topics import Topics
from streams.settings import Settings

SHOWN_CHARACTERS = 200

dead_letters = typer.Typer(
    no_args_is_help=True, help="Look at the messages that could not become events, and send them again."
)


def _known(reason: str | None) -> str | None:
    if reason is not None and reason not in list(Reason):
        raise typer.BadParameter(f"{reason!r} is no reason; docs/dead-letters.md lists them: {', '.join(Reason)}")
    return reason


Wanted = Annotated[str | None, typer.Option("--reason", metavar="REASON", callback=_known, help="Only these.")]


@dead_letters.command("list")
def list_letters(
    *,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 20,
    reason: Wanted = None,
    show_values: Annotated[bool, typer.Option("--show-values", help="The messages too: personal data, maybe.")] = False,
    as_json: Json = False,
) -> None:
    """List the newest dead letters, oldest first: reason, where each came from, and what is wrong with it.

    Those that were sent again are left out.
    """
    settings, topics = settings_and_topics()
    newest = deque(_open(_letters(settings, topics), reason), maxlen=limit)
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


@dead_letters.command("replay")
def replay_letters(
    *,
    reason: Wanted = None,
    mended: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, metavar="FILE", help="Only the letters in FILE, with its values."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many it would be, and send none.")] = False,
    as_json: Json = False,
) -> None:
    """Send dead letters again, to the topic and under the key they came with: as they are, or mended.

    To mend: write them to a file with `list --json --show-values`, edit each line's `value`, and name the file with
    --mended. Each letter is sent once, however often this is run; all of a run are sent, or none. What is still no
    event becomes a new dead letter.
    """
    settings, topics = settings_and_topics()
    grants = grants_of("dead-letters replay", settings)
    values = {} if mended is None else read_mended(mended)
    wanted = [
        letter
        for letter in _open(_letters(settings, topics, grants), reason)
        if mended is None or letter.offset() in values
    ]
    sent = 0 if dry_run or not wanted else resend(settings, topics, wanted, values)
    if as_json:
        json_line({"chosen": len(wanted), "sent": sent})
    else:
        line(count(len(wanted), "dead letter") + (" would be sent again" if dry_run else " sent again"))


def _letters(settings: Settings, topics: Topics, also: Sequence[Grant] = ()) -> Iterator[Message]:
    return whole(settings, *opened(settings, topics, "dead-letters", also))


def _open(letters: Iterable[Message], reason: str | None) -> Iterator[Message]:
    """The letters that were not sent again, of one reason if one is given."""
    letters = list(letters)
    done = replayed(letters)
    for letter in letters:
        is_open = not is_note(letter) and letter.offset() not in done
        if is_open and (reason is None or headers_of(letter).get("reason") == reason):
            yield letter
