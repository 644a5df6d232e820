"""The engine as it is deployed, compiled to machine code, says what its sources say."""

import fcntl
import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPILED = ROOT / "build" / "compiled"

pytestmark = pytest.mark.skipif(
    not shutil.which("cc"), reason="a C compiler is missing: on Debian, apt-get install gcc"
)


@pytest.fixture(scope="module")
def compiled() -> Path:
    """A copy of the project with a compiled engine; kept, and made anew only when a source has changed."""
    with (ROOT / "Makefile").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # another test process may be making it
        subprocess.run(["make", "--silent", "build/compiled"], cwd=ROOT, check=True)
    return COMPILED


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Python, which finds the copy before the sources."""
    env = os.environ | {"PYTHONPATH": str(COMPILED), "PYTHONSAFEPATH": "1"} | env
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_all_of_the_engine_but_the_modules_that_declare_data_is_compiled(compiled: Path) -> None:
    script = runpy.run_path(str(ROOT / "deploy" / "compiled.py"))
    expected = {source.removesuffix(".py") for source in script["modules"](ROOT)}
    assert {f"streams/engine/{name}" for name in ("accounts", "account", "decode", "predicates", "users")} <= expected
    found = {str(path.relative_to(compiled)).partition(".")[0] for path in compiled.rglob("streams/**/*.so")}
    assert found == expected


def test_it_says_what_its_sources_say(compiled: Path) -> None:
    shown = run("-c", "import streams.engine.account as found; print(found.__file__)")
    assert shown.stdout.startswith(str(compiled))
    assert shown.stdout.endswith(".so\n")
    tests = ["tests/golden", "tests/effects", "tests/laws/test_law_batches.py", "tests/laws/test_law_wild.py"]
    done = run("-m", "pytest", "--import-mode=importlib", "-p", "no:xdist", *tests)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.broker
@pytest.mark.usefixtures("compiled")
def test_a_worker_with_it_says_what_it_says_alone(bootstrap_servers: str) -> None:
    command = ["-c", "from streams.cli import main; main()", "demo", "--accounts", "12", "--json"]
    done = run(*command, JOURNEY_BOOTSTRAP_SERVERS=bootstrap_servers)
    assert (done.returncode, json.loads(done.stdout)["problems"]) == (0, [])
