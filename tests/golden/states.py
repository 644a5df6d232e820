"""States as each version of this program wrote them, kept for its successors: `python -m tests.golden.states`, once.

Beside them `shape.txt` says which fields they are packed of.
"""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import msgspec

from schemas import state
from schemas.reading import read_journey
from schemas.state import VERSION
from streams.engine.account_store import HEADER
from streams.engine.compiler import compile_journey
from streams.engine.outputs import Output
from streams.engine.pipeline import Pipeline

if TYPE_CHECKING:
    from streams.engine.message import Keyed

FOLDER = Path(__file__).parent / "states"
MESSAGES = 400


class Written(msgspec.Struct):
    """The changelog records of each stage after the first half of the messages, and where the path stood."""

    version: int
    routed: int
    records: list[list[tuple[bytes, bytes]]]


@dataclass(frozen=True)
class Kept:
    """What is kept of one version: a journey, messages, and the states after half of them."""

    folder: Path

    def pipeline(self) -> Pipeline:
        return Pipeline(compile_journey(read_journey(self.folder / "journey.yaml")))

    def halves(self) -> tuple[list[bytes], list[bytes]]:
        lines = (self.folder / "messages.jsonl").read_bytes().splitlines()
        return lines[: len(lines) // 2], lines[len(lines) // 2 :]

    def written(self) -> Written:
        return msgspec.msgpack.decode((self.folder / "states.bin").read_bytes(), type=Written)

    def restored(self) -> Pipeline:
        """As the states say."""
        pipeline, written = self.pipeline(), self.written()
        pipeline._offset, pipeline._followed = len(self.halves()[0]), written.routed
        for keyed, records in zip(stages(pipeline), written.records, strict=True):
            for key, value in records:
                keyed.load(key, value)
            keyed.ready()
        return pipeline

    def lived(self) -> Pipeline:
        """As this program says, that follows the first half itself."""
        pipeline = self.pipeline()
        list(outputs(pipeline, self.halves()[0]))
        return pipeline


def stages(pipeline: Pipeline) -> list["Keyed"]:
    return [pipeline._route, pipeline.follow, *([pipeline.kpis] if pipeline.kpis else [])]


def outputs(pipeline: Pipeline, messages: list[bytes]) -> Iterator[Output]:
    for message in messages:
        yield from pipeline.receive(message)


def shape() -> str:
    """What this program packs: a line for each field of each state record, in order."""
    structs = [one for one in vars(state).values() if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    fields = (
        f"{one.__name__}.{field.name}: {field.type}\n" for one in structs for field in msgspec.structs.fields(one)
    )
    return f"header: {HEADER.format}\n{''.join(fields)}"


def write(folder: Path) -> None:
    """Keep what this version writes."""
    from tests.laws.seeded import life  # noqa: PLC0415 what is kept must not change with them

    folder.mkdir(parents=True)
    shutil.copy(FOLDER.parents[1] / "laws" / "every_condition.yaml", folder / "journey.yaml")
    (folder / "messages.jsonl").write_bytes(b"".join(line + b"\n" for line in life(Random(41), MESSAGES, users=12)))
    pipeline = Kept(folder).lived()
    records = [[(key, value) for key, value in keyed.changes() if value is not None] for keyed in stages(pipeline)]
    packed = msgspec.msgpack.encode(Written(VERSION, pipeline._followed, records))
    (folder / "states.bin").write_bytes(packed)
    (folder / "shape.txt").write_text(shape())


if __name__ == "__main__":
    if (FOLDER / str(VERSION)).exists():
        sys.exit(f"version {VERSION} is kept already; what it wrote once stays")
    write(FOLDER / str(VERSION))
