import json
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from bench import memory
from bench.ground import Ground, machine
from bench.load import EVENTS_PER_ACCOUNT, Load
from bench.workloads import WORKLOADS
from schemas.events import SegmentMessage

EVENTS = 2_000


def test_the_load_is_valid_segment_calls_of_about_270_bytes_in_the_order_of_time() -> None:
    calls = list(Load(EVENTS).calls())
    for call in calls[::100]:
        SegmentMessage.model_validate_json(call.value)
    assert {len(call.value) // 20 for call in calls} <= {13, 14}
    arrivals = [orjson.loads(call.value)["receivedAt"] for call in calls]
    assert arrivals == sorted(arrivals)


def test_a_small_load_gives_each_account_as_much_as_a_large_one() -> None:
    assert [Load(size).events // Load(size).accounts for size in (5_000, 1_000_000)] == [EVENTS_PER_ACCOUNT] * 2


def test_every_figure_says_where_it_was_measured() -> None:
    assert {"cores", "python", "confluent-kafka"} <= machine().keys()


@pytest.mark.broker
@pytest.mark.parametrize("name", ["decode-limit", "light", "path"])
def test_a_workload_measures_a_contender_and_leaves_none_behind(name: str, bootstrap_servers: str) -> None:
    figure = WORKLOADS[name].run(bootstrap_servers, "smoke", EVENTS * 50)  # in more than one commit
    assert figure.per_second > 0
    assert figure.outputs.get("dead-letters", 0) == 0
    if figure.outputs:
        assert figure.outputs["milestones"] > 0


@pytest.mark.broker
def test_restored_accounts_are_held_by_one_worker(bootstrap_servers: str) -> None:
    held = memory.measure(Ground(bootstrap_servers, "bench-smoke-memory"), "light", accounts=2_000, days=3)
    assert held.resident_mib > 0
    assert held.packed_bytes > 100


@pytest.mark.broker
def test_the_command_prints_a_table_and_writes_its_figures(bootstrap_servers: str, tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    command = [sys.executable, "-m", "bench", "--events", str(EVENTS), "--only", "decode-limit", "--json", str(file)]
    shown = subprocess.run(
        command, env={"JOURNEY_BOOTSTRAP_SERVERS": bootstrap_servers}, capture_output=True, text=True, check=True
    )
    assert "decode limit" in shown.stdout
    assert json.loads(file.read_text())["rates"][0]["of_decode_limit"] == 1.0
