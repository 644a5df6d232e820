"""`journey explain`: where an account stands, why, and what would have to happen next."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from schemas.journey import Journey
from streams.cli.cluster import connect
from streams.cli.ending import FOUND_WRONG
from streams.cli.explained import as_data, tell
from streams.cli.options import JourneyFile, Json, journey_of, settings_and_topics
from streams.cli.partition import partition_of
from streams.cli.records import whole
from streams.cli.replay import open_inputs, readable_inputs
from streams.cli.say import fail, json_line, out, printable
from streams.engine.compiled import compile_journey
from streams.engine.pipeline import Pipeline
from streams.explain import AccountRecords
from streams.explain import explain as explain_account
from streams.kafka.topics import Topics, TopicsError
from streams.settings import Settings

Replay = Annotated[
    list[Path] | None,
    typer.Option("--replay", metavar="INPUT", help="Explain from a file instead of Kafka; may be given again."),
]


def explain(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id.")],
    *,
    journey: JourneyFile = None,
    replay: Replay = None,
    as_json: Json = False,
) -> None:
    """Explain an account: stage, milestones, measures, what fires, and what would have to happen next.

    It reads the state that workers committed to Kafka, and changes nothing. An account nobody has heard of ends with 1.
    """
    settings, topics = settings_and_topics()
    source = journey_of(journey, settings)
    records = AccountRecords(account)
    if replay:
        _replay(source, readable_inputs(replay), records)
    else:
        _read_state(settings, topics, records)
    restored = records.restore(compile_journey(source))
    if restored is None:
        where = "these inputs" if replay else f"{topics.state_changelog}; 'journey tail accounts' shows whom it knows"
        fail(f"there is no account {printable(account)!r} in {where}", FOUND_WRONG)
    explanation = explain_account(restored, source)
    if as_json:
        json_line(as_data(explanation))
    else:
        out().print(tell(explanation), soft_wrap=True)


def _read_state(settings: Settings, topics: Topics, records: AccountRecords) -> None:
    _, cluster = connect(settings)
    topic = topics.state_changelog
    if topic not in cluster.topics:
        raise TopicsError(f"{topic}: is missing; run: journey topics create")
    partition = partition_of(records.account.encode(), len(cluster.topics[topic].partitions))
    for message in whole(settings, topic, [partition]):
        records.take(message.key() or b"", message.value())


def _replay(source: Journey, inputs: list[Path], records: AccountRecords) -> None:
    pipeline = _Watched(source, records)
    with ExitStack() as stack:
        for _, lines in open_inputs(inputs, stack):
            for raw in lines:
                if raw.strip():
                    pipeline.receive(raw.rstrip(b"\r\n"))
    pipeline.pack()


class _Watched(Pipeline):
    """A pipeline whose packed states are looked at, as a changelog would hold them."""

    def __init__(self, source: Journey, records: AccountRecords) -> None:
        super().__init__(compile_journey(source))
        self._records = records

    def pack(self) -> None:
        """Pack the states, and show them."""
        for key, value in self.follow.changes():
            self._records.take(key, value)
        super().pack()
