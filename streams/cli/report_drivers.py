"""`journey report drivers`: why customers leave, ranked over the customer base by risk x revenue."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from streams.churn_report import RankedDriver, rank_drivers
from streams.cli.ending import ASKED_WRONGLY
from streams.cli.options import Json, settings_and_topics
from streams.cli.records import whole
from streams.cli.replay import open_inputs, readable_inputs
from streams.cli.say import fail, json_line, out, printable, rows
from streams.cli.tail import opened
from streams.kafka.topics import Topics
from streams.money import money
from streams.settings import Settings

Inputs = Annotated[
    list[Path] | None,
    typer.Argument(metavar="INPUT", help="accounts.jsonl of a replay; - is standard input. None: read from Kafka."),
]


def drivers(inputs: Inputs = None, *, as_json: Json = False) -> None:
    """Rank the drivers of churn over all accounts: how many each applies to, and risk x revenue added up."""
    settings, topics = settings_and_topics()
    try:
        ranked = rank_drivers(_of_files(inputs) if inputs else _of_topic(settings, topics))
    except (orjson.JSONDecodeError, KeyError, TypeError) as flaw:
        fail(
            f"these are no account records ({printable(str(flaw))}); give the accounts.jsonl of a replay", ASKED_WRONGLY
        )
    if as_json:
        for one in ranked:
            json_line(asdict(one))
    else:
        _print(ranked)


def _of_files(inputs: list[Path]) -> Iterator[dict[str, Any]]:
    with ExitStack() as stack:
        for _, lines in open_inputs(readable_inputs(inputs), stack, doing="drivers"):
            yield from (orjson.loads(raw) for raw in lines if raw.strip())


def _of_topic(settings: Settings, topics: Topics) -> Iterator[dict[str, Any]]:
    read = whole(settings, *opened(settings, topics, "accounts"))
    latest = {message.key(): message.value() for message in read}
    yield from (orjson.loads(value) for value in latest.values() if value is not None)  # others were forgotten


def _print(ranked: list[RankedDriver]) -> None:
    table = rows("driver", "accounts", "at stake", "expected losses", "most at stake", right=(1, 2, 3))
    for one in ranked:
        top = ", ".join(printable(account) for account, _ in one.top)
        table.add_row(one.driver, str(one.accounts), money(one.at_stake, one.currency), f"{one.expected_losses:g}", top)
    out().print(table if ranked else "no driver applies to any account")
