"""Looks for bytes that break a target of `tests/fuzz.py`, led by coverage: `python -m tests.fuzzing event`.

Ends with 0 if there are none, else names a file with the bytes. Needs atheris, which is in a group of its own.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import atheris

with atheris.instrument_imports(include=["streams.engine", "schemas"]):
    from tests.fuzz import MAX_SIZE, SEEDS

SECONDS: Final = 20

if __name__ == "__main__":
    target = next(target for target in SEEDS if target.__name__ == sys.argv[1])
    with TemporaryDirectory() as folder:
        for number, seed in enumerate(SEEDS[target]):
            (Path(folder) / str(number)).write_bytes(seed)
        options = [f"-max_total_time={SECONDS}", f"-max_len={MAX_SIZE}", "-timeout=5"]
        atheris.Setup([sys.argv[0], *options, folder], target)
        atheris.Fuzz()
