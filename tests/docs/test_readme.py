import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import streams

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"^make (\w+)", re.MULTILINE)


def blocks(*languages: str) -> list[tuple[str, str]]:
    return [(language, text) for language, text in BLOCK.findall(README) if language in languages]


def test_the_tour_runs_as_it_is_written(tmp_path: Path) -> None:
    for language, text in blocks("bash", "console"):
        if language == "bash":
            run(text, tmp_path)
        for command, expected in told(text) if language == "console" else ():
            said = run(command, tmp_path)
            assert fits(said, expected), f"$ {command}\n{said}"


def run(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


def told(console: str) -> Iterator[tuple[str, str]]:
    for part in console.split("$ ")[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def fits(said: str, expected: str) -> bool:
    """Equal line by line, but for trailing blanks; `…` at the end of a line stands for its rest."""
    lines = [line.rstrip() for line in said.splitlines()]
    wanted = expected.splitlines()
    return len(lines) == len(wanted) and all(
        line.startswith(want[:-1]) if want.endswith("…") else line == want
        for line, want in zip(lines, wanted, strict=True)
    )


def test_the_make_targets_it_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = {target for _, text in blocks("sh") for target in TARGET.findall(text)}
    assert named == {"demo", "test"}
    assert all(f"\n{target}:" in makefile for target in named)


def test_the_path_is_drawn_as_in_the_code() -> None:
    (drawn,) = [text for language, text in blocks("text")]
    assert streams.__doc__ is not None
    code = streams.__doc__.partition("The path:\n\n")[2]
    assert [line.removeprefix("    ") for line in code.rstrip().splitlines()] == drawn.rstrip().splitlines()


def test_every_file_it_points_to_exists() -> None:
    named = {*re.findall(r"\]\(([^)]+)\)", README), *re.findall(r"`([\w./-]+/[\w./-]*)`", README)}
    assert [name for name in sorted(named) if not name.startswith("http") and not (ROOT / name).exists()] == []
