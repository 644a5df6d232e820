"""`journey doctor`: is everything there that a worker needs, and does it run?"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer
from confluent_kafka import ConsumerGroupState, ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ClusterMetadata, OffsetSpec
from rich.text import Text

from schemas.faults import JourneyError
from streams.cli.ending import FOUND_WRONG, kafka_words
from streams.cli.options import JourneyFile, Json, journey_of, settings_and_topics
from streams.cli.say import count, json_line, line
from streams.kafka.broker import BOOTSTRAP_SERVERS
from streams.kafka.broker_files import INSTALL
from streams.kafka.clocks import wall_ms
from streams.kafka.cluster import ANSWER_S, connect, missing_grants
from streams.kafka.grants import grants_of, lacks
from streams.kafka.topic_admin import TopicsError, check_topics
from streams.kafka.topics import Topics
from streams.settings import Settings, SettingsError
from streams.web_token import token_of

AHEAD_MS = 60_000
ASK_EVERY_S = 0.2
NOT_YET = {
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
}
"""A broker that has just started says so, the first time it is asked about groups."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; a remedy where something is wrong."""

    check: str
    said: str
    remedy: str | None = None

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return self.remedy is None


def doctor(*, journey: JourneyFile = None, as_json: Json = False) -> None:
    """Check in order all that a worker needs, each with a remedy. Ends with 1 if anything is wrong."""
    all_well = True
    for finding in examine(journey):
        all_well = all_well and finding.is_well
        if as_json:
            json_line({"check": finding.check, "ok": finding.is_well, "said": finding.said, "remedy": finding.remedy})
        else:
            line(_line(finding))
    if not all_well:
        raise typer.Exit(FOUND_WRONG)


def examine(journey: Path | None = None) -> Iterator[Finding]:
    """Check everything, as far as what comes before allows."""
    yield from _worker(journey)
    yield from _programs()


def _worker(journey: Path | None) -> Iterator[Finding]:
    try:
        settings, topics = settings_and_topics()
        token_of(settings)
    except SettingsError as fault:
        yield Finding("settings", str(fault), "mend it in the environment, or in the file JOURNEY_CONFIG names")
        return
    yield Finding(
        "settings", f"instance {settings.instance}, group {settings.consumer_group}, topics {topics.prefix}.*"
    )
    yield _journey(journey or settings.file, settings)
    try:
        admin, cluster = connect(settings)
    except (TopicsError, SettingsError) as silent:
        yield Finding("broker", str(silent), "start it, or set JOURNEY_BOOTSTRAP_SERVERS")
        return
    yield Finding("broker", f"{settings.bootstrap_servers} answers: {count(len(cluster.brokers), 'broker')}")
    yield from _in_cluster(settings, topics, admin, cluster)


def _in_cluster(settings: Settings, topics: Topics, admin: AdminClient, cluster: ClusterMetadata) -> Iterator[Finding]:
    if missing := missing_grants(admin, grants_of("doctor", settings)):
        yield Finding("grants", lacks(settings, missing), "have them granted: journey topics grants worker")
        return
    problems = check_topics(admin, topics)
    for problem in problems:
        yield Finding("topics", f"{problem.topic} {problem.problem}", problem.remedy)
    if problems:
        return
    yield Finding("topics", "all are as they should be")
    sources = [
        TopicPartition(name, p)
        for name in (topics.events, topics.account_events)
        for p in cluster.topics[name].partitions
    ]
    yield _asked("group", lambda: _group(settings, topics, admin, sources))
    yield _asked("clocks", lambda: _clocks(admin, sources))


def _asked(check: str, ask: Callable[[], Finding]) -> Finding:
    deadline = time.monotonic() + ANSWER_S
    while True:
        try:
            return ask()
        except KafkaException as refused:
            if refused.args[0].code() not in NOT_YET or time.monotonic() > deadline:
                return Finding(check, kafka_words(refused), "see that this user may describe groups and topics")
        time.sleep(ASK_EVERY_S)


def _programs() -> Iterator[Finding]:
    if os.environ.get(BOOTSTRAP_SERVERS):
        return  # only the development broker needs them
    for name, remedy in INSTALL.items():
        found = shutil.which(name)
        yield Finding(name, found) if found else Finding(name, "is missing", remedy)


def _journey(file: Path | None, settings: Settings) -> Finding:
    try:
        source = journey_of(file, settings)
    except SettingsError as fault:
        return Finding("journey", str(fault).splitlines()[0], "set JOURNEY_FILE to the journey file")
    except JourneyError as error:
        return Finding("journey", f"{file}: {count(len(error.faults), 'fault')}", f"run: journey check {file}")
    return Finding("journey", f"{file}: {source.name}, version {source.version}")


def _group(settings: Settings, topics: Topics, admin: AdminClient, sources: list[TopicPartition]) -> Finding:
    name = settings.consumer_group
    found = admin.describe_consumer_groups([name], request_timeout=ANSWER_S)[name].result(ANSWER_S)
    waiting = f"lag {_lag(name, topics, admin, sources):,}"
    if not found.members:
        return Finding("group", f"{name}: no worker, {waiting}", "start one: journey worker")
    if found.state is not ConsumerGroupState.STABLE:
        return Finding("group", f"{name}: {found.state.name.lower()}, {waiting}", "ask again in a few seconds")
    return Finding("group", f"{name}: {count(len(found.members), 'worker')}, {waiting}")


def _lag(name: str, topics: Topics, admin: AdminClient, sources: list[TopicPartition]) -> int:
    """Offsets not yet committed, but the last of each partition that workers write: a transaction's end marker."""
    asked = ConsumerGroupTopicPartitions(name, sources)
    committed = admin.list_consumer_group_offsets([asked], request_timeout=ANSWER_S)[name].result(ANSWER_S)
    read = {(p.topic, p.partition): p.offset for p in committed.topic_partitions}
    ends, starts = _offsets(admin, sources, OffsetSpec.latest()), _offsets(admin, sources, OffsetSpec.earliest())
    unread = {where: end - max(read.get(where, 0), starts[where], 0) for where, end in ends.items()}
    return sum(max(0, count - (topic == topics.account_events)) for (topic, _), count in unread.items())


def _offsets(admin: AdminClient, of: list[TopicPartition], spec: OffsetSpec) -> dict[tuple[str, int], int]:
    answers = admin.list_offsets(dict.fromkeys(of, spec), request_timeout=ANSWER_S)
    return {(p.topic, p.partition): answer.result(ANSWER_S).offset for p, answer in answers.items()}


def _clocks(admin: AdminClient, sources: list[TopicPartition]) -> Finding:
    # Kafka has no question for its time: the newest record, stamped by whoever wrote it, must do.
    answers = admin.list_offsets(dict.fromkeys(sources, OffsetSpec.max_timestamp()), request_timeout=ANSWER_S)
    newest = max((answer.result(ANSWER_S).timestamp for answer in answers.values()), default=-1)
    ahead_ms = newest - wall_ms()
    if newest < 0:
        return Finding("clocks", "no record yet to compare with")
    if ahead_ms > AHEAD_MS:
        return Finding(
            "clocks", f"a record is stamped {ahead_ms / 1000:.0f} s ahead of this clock", "run NTP on both sides"
        )
    return Finding("clocks", "no record is stamped ahead of this clock")


def _line(finding: Finding) -> Text:
    mark = ("✓", "green") if finding.is_well else ("✗", "red")
    text = Text.assemble(mark, f" {finding.check:<9}", finding.said.replace("\n", "; "))
    return text if finding.is_well else text.append(f"\n            → {finding.remedy}", "yellow")
