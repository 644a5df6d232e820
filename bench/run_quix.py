"""Quix Streams, exactly-once, doing the work of the light journey with its state per key.

Arguments: bootstrap servers, prefix, number of events. Timed from the first event handled to the last: its last
commit is not waited for.
"""

import os
import sys
import time
from typing import Any

import orjson
from quixstreams import Application, State

from bench.folding import fold

Body = dict[str, Any]


class Clock:
    """When the first event was handled, and the latest."""

    def __init__(self) -> None:
        self.began = self.latest = 0.0
        self.count = 0

    def look(self) -> None:
        """Count one event."""
        self.latest = time.perf_counter()
        self.began = self.began or self.latest
        self.count += 1


def run(bootstrap_servers: str, prefix: str, events: int) -> Clock:
    """Follow so many events."""
    clock = Clock()
    app = Application(
        bootstrap_servers,
        consumer_group=f"{prefix}.quix",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=1.0,
        state_dir=f"{os.environ['BENCH_FOLDER']}/state",
        loglevel="WARNING",
    )

    def step(event: Body, state: State[str, Any]) -> list[Body]:
        account: dict[str, Any] = state.get("account") or {}
        milestone = fold(account, event)
        state.set("account", account)
        clock.look()
        if clock.count == events:
            app.stop()
        return [] if milestone is None else [{"milestone": milestone, "at": event["timestamp"]}]

    source = app.topic(f"{prefix}.account-events", value_deserializer="json", key_deserializer="str")
    said = app.topic(f"{prefix}.milestones", value_serializer="json", key_serializer="str")
    app.dataframe(source).apply(step, stateful=True, expand=True).to_topic(said)
    app.run()
    return clock


if __name__ == "__main__":
    clock = run(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    answer = {"events": clock.count - 1, "seconds": clock.latest - clock.began}
    print(orjson.dumps(answer).decode(), flush=True)
