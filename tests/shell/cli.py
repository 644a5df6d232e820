"""The command line as tests use it: the real program in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import orjson

PROGRAM = (sys.executable, "-c", "from streams.cli import main; main()")
NO_SETTINGS: Mapping[str, str] = {}

JOURNEY = """\
journey: 1
name: small
version: 1
events:
  Signed Up:
  Invited User:
  Report Created:
  Complained:
measures:
  week_users: {users: any, over: 7d}
milestones:
  invited: {when: {did: Invited User}, activation: true}
stages:
  trial: {initial: true}
  active:
    from: trial
    enter: {all: [{reached: invited}, {measure: {name: week_users, at_least: 2}}, {none: [{did: Complained}]}]}
  dormant: {from: [trial, active], enter: {silent: {for: 7d}}, exit: [{to: previous, when: {did: any}}]}
plays:
  call: {content: Call them, channel: call, owner: Sales}
alerts:
  no_invite:
    {kind: nudge, severity: warning, play: call, when: {absent: {event: Invited User, after: Signed Up, within: 3d}}}
"""


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> list[dict[str, object]]:
        """What it printed as JSON Lines."""
        return [orjson.loads(line) for line in self.out.splitlines()]


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This environment without its own settings of ours, and with those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JOURNEY_")}
    return kept | {"COLUMNS": "200", **settings}


def journey(
    *arguments: object, given: bytes = b"", settings: Mapping[str, str] = NO_SETTINGS, folder: Path | None = None
) -> Ended:
    """Run `journey ARGUMENTS` to its end; `settings` are environment variables."""
    command, env = [*PROGRAM, *map(str, arguments)], environment(settings)
    done = subprocess.run(command, input=given, env=env, capture_output=True, check=False, timeout=60, cwd=folder)
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def track(event: str, *, at: str, user: str = "ann", account: str = "acme") -> bytes:
    """A track call as a line."""
    call = {
        "type": "track", "event": event, "messageId": f"{account}-{user}-{event}-{at}", "userId": user,
        "timestamp": at, "receivedAt": at, "context": {"groupId": account},
    }  # fmt: skip
    return orjson.dumps(call) + b"\n"


def journey_file(folder: Path, text: str = JOURNEY) -> Path:
    """Write a journey file."""
    path = folder / "journey.yaml"
    path.write_text(text)
    return path
