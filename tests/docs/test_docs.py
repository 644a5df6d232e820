import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from streams.cli.wording import WORDS
from streams.engine.leaves import LEAVES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WRITTEN = (*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md")


def generator() -> Any:
    spec = spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["commands.md", "dead-letters.md", "metrics.md"])
def test_a_derived_page_says_what_the_code_says(name: str) -> None:
    page: str = generator().PAGES[name]()
    assert (DOCS / name).read_text() == page, "stale; run: .venv/bin/python docs/generate.py"


def test_every_command_that_the_pages_name_exists() -> None:
    known = {path for path, _ in generator().commands()}
    groups = {path.rpartition(" ")[0] for path in known}
    named = {
        match
        for page in WRITTEN
        for match in re.findall(
            r"(?:^|[`;&] ?)(journey [a-z][a-z-]+(?: (?:create|check|list))?)", page.read_text(), re.MULTILINE
        )
    }
    assert named
    assert sorted(named - known - groups) == []


def test_every_kind_of_condition_has_its_sentence() -> None:
    assert WORDS.keys() == LEAVES.keys()


def test_the_guarantee_is_given_in_the_same_words_everywhere() -> None:
    words = "every accepted event affects its account's state exactly once, and every verdict appears exactly once"
    for page in (ROOT / "README.md", DOCS / "guarantee.md"):
        assert words in " ".join(page.read_text().split()).replace("Every accepted", "every accepted")
