"""`journey explain`: where an account stands, why, and what would have to happen next."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from schemas.faults import meant
from streams.cli.ending import ASKED_WRONGLY, FOUND_WRONG
from streams.cli.explained import as_data, tell
from streams.cli.options import JourneyFile, Json, journey_of, settings_and_topics
from streams.cli.partition import partition_of
from streams.cli.records import whole
from streams.cli.replay import open_inputs, readable_inputs
from streams.cli.say import fail, json_line, out, printable
from streams.cli.tail import opened
from streams.cli.told_why import tell_why, why_data
from streams.engine.account_store import VOCABULARY
from streams.engine.accounts import CLOCK, FollowPartition
from streams.engine.compiled import Journey
from streams.engine.compiler import compile_journey
from streams.engine.pipeline import Pipeline
from streams.explain import account_in
from streams.explain import explain as explain_account
from streams.kafka.topics import Topics
from streams.settings import Settings
from streams.why import rules_of, why

Replay = Annotated[
    list[Path] | None,
    typer.Option("--replay", metavar="INPUT", help="Explain from a file instead of Kafka; may be given again."),
]


def explain(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id.")],
    *,
    journey: JourneyFile = None,
    replay: Replay = None,
    rule: Annotated[
        str | None,
        typer.Option("--rule", metavar="RULE", help="Explain one rule: alerts.X, milestones.Y, stages.Z.enter, …"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Explain an account: stage, milestones, measures, what fires, and what would have to happen next.

    With --rule: why that rule has its verdict, or why not. It reads the state that workers committed to Kafka, and
    changes nothing. An account nobody has heard of ends with 1.
    """
    settings, topics = settings_and_topics()
    source = journey_of(journey, settings)
    compiled = compile_journey(source)
    if rule is not None and rule not in (rules := rules_of(compiled)):
        remedy = meant(rule, rules, "name it by its path in the file, as in alerts.NAME")
        fail(f"there is no rule {printable(rule)!r} in this journey; {remedy}", ASKED_WRONGLY)
    if replay:
        partition = _replay(compiled, readable_inputs(replay))
    else:
        partition = _read_state(settings, topics, compiled, account.encode())
    restored = account_in(partition, account)
    if restored is None:
        where = "these inputs" if replay else f"{topics.state_changelog}; 'journey tail accounts' shows whom it knows"
        fail(f"there is no account {printable(account)!r} in {where}", FOUND_WRONG)
    if rule is not None:
        asked = why(restored, source, rule)
        json_line(why_data(asked)) if as_json else out().print(tell_why(asked), soft_wrap=True)
        return
    explanation = explain_account(restored, source)
    if as_json:
        json_line(as_data(explanation))
    else:
        out().print(tell(explanation), soft_wrap=True)


def _read_state(settings: Settings, topics: Topics, journey: Journey, account: bytes) -> FollowPartition:
    """The partition that holds an account, as the changelog has it; of the others nothing is kept."""
    topic, partitions = opened(settings, topics, "state-changelog")
    partition = FollowPartition(journey)
    for message in whole(settings, topic, [partition_of(account, len(partitions))]):
        key = message.key() or b""
        if key[1:] == account or key[:1] in {CLOCK, VOCABULARY}:
            partition.load(key, message.value())
    return partition


def _replay(journey: Journey, inputs: list[Path]) -> FollowPartition:
    pipeline = Pipeline(journey)
    with ExitStack() as stack:
        for _, lines in open_inputs(inputs, stack):
            for raw in lines:
                if raw.strip():
                    pipeline.receive(raw.rstrip(b"\r\n"))
    return pipeline.follow
