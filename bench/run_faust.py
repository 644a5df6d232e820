"""Plain Faust: an agent on a topic with one table write for each event, at least once, through its own Kafka driver.

Arguments: prefix, number of events. Timed from the first event handled to the last: its last commit is not waited for.
"""

import sys
import time
from typing import Any

import faust
import orjson
from faust.types import AppT

from bench.folding import fold


class App(faust.App):
    """Its tables are in memory."""

    def _create_directories(self) -> None:
        """Make none: nobody would remove them."""


def make_app(bootstrap_servers: str, prefix: str, events: int) -> AppT:
    """The application."""
    app: AppT = App(
        f"{prefix}.faust",
        broker=f"kafka://{bootstrap_servers}",
        store="memory://",
        web_enabled=False,
        topic_partitions=4,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        worker_redirect_stdouts=False,
        value_serializer="json",
    )
    source = app.topic(f"{prefix}.account-events", key_type=bytes, value_serializer="json")
    said = app.topic(f"{prefix}.milestones", value_serializer="json")
    accounts = app.Table("accounts", default=dict, partitions=4)

    async def follow(calls: Any) -> None:
        count, began = 0, 0.0
        async for key, event in calls.items():
            began = began or time.perf_counter()
            account = key.decode()
            state = accounts[account]
            if (milestone := fold(state, event)) is not None:
                await said.send(key=account, value={"account_id": account, "milestone": milestone})
            accounts[account] = state
            count += 1
            if count == events:
                tell(count, time.perf_counter() - began)

    app.agent(source)(follow)
    return app


def tell(count: int, seconds: float) -> None:
    """Answer the bench."""
    print(orjson.dumps({"events": count, "seconds": seconds}).decode(), flush=True)


if __name__ == "__main__":
    bootstrap, topic_prefix, limit = sys.argv[1:]
    faust.Worker(make_app(bootstrap, topic_prefix, int(limit)), loglevel="WARN").execute_from_commandline()
