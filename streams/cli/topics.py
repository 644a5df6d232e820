"""`journey topics`: make them, hold them against what the path needs, list them."""

from typing import Annotated

import typer
from confluent_kafka.admin import ClusterMetadata

from streams.cli.ending import FOUND_WRONG
from streams.cli.options import Json, settings_and_topics
from streams.cli.say import json_line, line, out, rows
from streams.kafka.cluster import connect
from streams.kafka.grants import ROLES, grants_of, principal_of
from streams.kafka.topic_admin import check_topics, create_topics
from streams.kafka.topics import Topics, layouts

topics = typer.Typer(no_args_is_help=True, help="Create, check and list the topics. They are never made by accident.")

Partitions = Annotated[int | None, typer.Option(min=1, max=10_000, help="How many the keyed topics must have.")]


@topics.command("create")
def create(
    *,
    partitions: Annotated[int, typer.Option(min=1, max=10_000, help="Partitions of the keyed topics.")] = 4,
    replication: Annotated[int, typer.Option(min=1, max=32, help="Copies of each partition.")] = 1,
    as_json: Json = False,
) -> None:
    """Create the topics that are missing. Those that exist are left as they are."""
    settings, names = settings_and_topics()
    admin, _ = connect(settings, grants_of("topics create", settings))
    for name, outcome in create_topics(admin, names, partitions, replication):
        if as_json:
            json_line({"topic": name, "outcome": outcome})
        else:
            line(f"{name} {outcome}")


@topics.command("check")
def check(*, partitions: Partitions = None, as_json: Json = False) -> None:
    """Say what keeps the topics from carrying the path, and the remedy. Ends with 1 if anything does."""
    settings, names = settings_and_topics()
    admin, _ = connect(settings, grants_of("topics check", settings))
    problems = check_topics(admin, names, partitions)
    for problem in problems:
        if as_json:
            json_line({"topic": problem.topic, "problem": problem.problem, "remedy": problem.remedy})
        else:
            line(str(problem))
    if problems:
        raise typer.Exit(FOUND_WRONG)
    if not as_json:
        line(f"all {len(layouts(names))} topics are as they should be")


@topics.command("list")
def list_topics(*, as_json: Json = False) -> None:
    """List the topics: what is in each, how it is laid out, how many partitions it has."""
    settings, names = settings_and_topics()
    _, cluster = connect(settings, grants_of("topics list", settings))
    found = described(names, cluster)
    if as_json:
        for topic in found:
            json_line(topic)
        return
    table = rows("topic", "partitions", "cleanup", "holds", right=(1,))
    for topic in found:
        table.add_row(*(str("missing" if value is None else value) for value in topic.values()))
    out().print(table)


@topics.command("grants")
def grants(
    command: Annotated[
        str, typer.Argument(metavar="COMMAND", help="worker, tail, 'topics create', … (docs/access.md).")
    ],
    *,
    principal: Annotated[
        str | None, typer.Option(metavar="PRINCIPAL", help="As in User:ann; else whom the settings log in as.")
    ] = None,
) -> None:
    """Print what grants a command all that it needs and nothing more: lines of kafka-acls; add --bootstrap-server."""
    settings, _ = settings_and_topics()
    if command not in ROLES:
        raise typer.BadParameter(f"{command!r} needs no grant, or is no command; known are {', '.join(ROLES)}")
    for grant in grants_of(command, settings):
        line(grant.command(principal or principal_of(settings)))


def described(names: Topics, cluster: ClusterMetadata) -> list[dict[str, object]]:
    """Each topic with its partitions (None if missing), how it is cleaned, and what it holds."""
    meanings = {getattr(names, word): getattr(Topics, word).__doc__ for word in short_names(names).values()}
    return [
        {
            "topic": name,
            "partitions": len(cluster.topics[name].partitions) if name in cluster.topics else None,
            "cleanup": layout.cleanup,
            "holds": meanings[name],
        }
        for name, layout in layouts(names).items()
    ]


def short_names(names: Topics) -> dict[str, str]:
    """The attribute of each topic by its short name: `dead-letters` is `dead_letters`."""
    known = layouts(names)
    words = [word for word in dir(Topics) if isinstance(getattr(Topics, word), property)]
    return {word.replace("_", "-"): word for word in words if getattr(names, word) in known}
