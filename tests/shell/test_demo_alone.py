"""The demo without Kafka: the same customer base on every machine, its stories, and what is shown of it."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from schemas.reading import read_journey
from streams.demo.alone import decide
from streams.demo.customers import customer_base, murmur2, partition_of
from streams.demo.messages import BROKEN, FIRST_DAY, messages
from streams.demo.plans import ARCHETYPES
from streams.demo.screen import Lines
from streams.demo.stories import STORIES, differences
from streams.demo.told import reference_journey, story_of
from streams.demo.verdicts import Verdicts, unlike
from streams.engine.decode import decode
from streams.engine.rejection import Rejected

DAY_MS = 86_400_000


def run_demo(*options: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from streams.cli import main; main()", "demo", "--no-kafka", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ | env, check=False)


def test_the_engine_alone_tells_every_story() -> None:
    ended = run_demo("--accounts", "20", "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    told = json.loads(ended.stdout)
    assert told["ok"]
    assert told["stories"] == {story.account: "as told" for story in STORIES}
    assert told["accounts"] == 20
    assert sum(told["stages"].values()) == 20


def test_a_story_that_does_not_come_out_ends_the_demo_with_1_and_says_what_differs(tmp_path: Path) -> None:
    patient = reference_journey().read_text().replace("enter: {silent: 14d}", "enter: {silent: 60d}")
    assert patient != reference_journey().read_text()
    (tmp_path / "patient.yaml").write_text(patient)
    ended = run_demo("--accounts", "10", "--journey", str(tmp_path / "patient.yaml"))
    assert ended.returncode == 1
    assert "✗  Globex" in ended.stdout
    assert "stages should be dormant → churned, and are churned" in ended.stdout
    assert "✓  Acme" in ended.stdout


def test_where_nobody_watches_the_demo_prints_plain_lines() -> None:
    ended = run_demo("--accounts", "10", "--days", "30", NO_COLOR="1")
    assert ended.returncode == 0
    assert "day 30 of 30" in ended.stdout
    assert "acme                  trial → activated" in ended.stdout
    assert "\x1b" not in ended.stdout


def test_the_same_seed_makes_the_same_messages_and_another_one_others() -> None:
    assert story_of(20, 30, 7) == story_of(20, 30, 7)
    assert story_of(20, 30, 7) != story_of(20, 30, 8)


def test_named_accounts_do_the_same_whatever_the_seed() -> None:
    def of_acme(seed: int) -> list[tuple[int, str]]:
        return [(sent.arrived_at, sent.user) for sent in story_of(20, 30, seed).sent if "@acme." in sent.user]

    assert of_acme(1)
    assert of_acme(1)[:-1] == of_acme(2)[:-1]  # the last may be the closing word of a partition


def test_messages_come_in_the_order_of_their_arrival_and_every_partition_reaches_the_last_instant() -> None:
    sent = messages(customer_base(20, 30, 1), 30, 1)
    assert sent == sorted(sent)
    end = FIRST_DAY + 30 * DAY_MS
    assert {partition_of(one.user) for one in sent if one.arrived_at == end} == {0, 1, 2, 3}
    assert sent[-1].arrived_at == end


def test_all_people_of_an_account_meet_in_one_partition() -> None:
    for life in customer_base(50, 120, 3):
        assert len({partition_of(user) for user in life.users}) == 1
        assert len(set(life.users)) >= max(phase.users for phase in life.plan)


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"abc", 479470107),
    ],
)
def test_keys_are_hashed_as_kafka_hashes_them(key: bytes, hashed: int) -> None:
    assert murmur2(key) == hashed & 0xFFFFFFFF


def test_each_broken_message_has_a_reason_of_its_own() -> None:
    found = [decode(value, recorded_at=FIRST_DAY) for value in BROKEN]
    reasons = [one.reason for one in found if isinstance(one, Rejected)]
    assert len(set(reasons)) == len(reasons) == len(BROKEN) - 1


def test_the_customer_base_has_all_that_goes_wrong_on_the_way() -> None:
    story = story_of(40, 60, 1)
    numbers = [sent.number for sent in story.sent]
    assert len(numbers) > len(set(numbers)), "nothing is sent twice"
    events = [event for sent in story.sent if not isinstance(event := decode(sent.value), Rejected)]
    assert any(event.arrived_at - event.at > DAY_MS for event in events), "nothing is late"
    assert any(later.at < earlier.at for earlier, later in pairwise(events))
    assert any(event.group_id is None for event in events), "every event names its account"


def test_shares_of_the_archetypes_make_a_hundred() -> None:
    assert sum(kind.share for kind in ARCHETYPES) == 100


def test_a_different_ending_is_a_difference() -> None:
    verdicts = Verdicts()
    acme = STORIES[0]
    assert list(differences(acme, verdicts)) == [
        f"stages should be {' → '.join(acme.stages)}, and are none",
        f"alerts should be {' → '.join(acme.alerts)}, and are none",
    ]
    assert not list(differences(replace(acme, stages=(), alerts=()), verdicts))


def test_verdicts_that_are_missing_or_too_many_or_said_twice_are_told() -> None:
    story = story_of(10, 7, 1)
    said = [one for _, some in decide(read_journey(reference_journey()), story.sent) for one in some]
    expected, found = Verdicts(), Verdicts()
    for topic, body in said[:-1]:
        expected.take(topic, body)
    for topic, body in [*said[1:], said[-2]]:
        found.take(topic, body)
    assert [told.split(":")[0] for told in unlike(expected, found)] == [
        "verdicts missing",
        "verdicts not expected",
        "verdicts said twice",
    ]


def test_plain_lines_are_few() -> None:
    console = Console(record=True, width=100)
    lines = Lines(console, 30)
    for day in range(30):
        lines.show(FIRST_DAY + day * DAY_MS, day)
    assert console.export_text().count("day ") == 2
