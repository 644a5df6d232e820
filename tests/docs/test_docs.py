import re
from collections.abc import Iterator
from functools import reduce
from importlib.util import module_from_spec, spec_from_file_location
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from schemas.journey import Journey
from schemas.journey.conditions import Condition
from schemas.reading import read_journey
from streams import asyncapi
from streams.bodies import Bodies
from streams.cli.wording import WORDS
from streams.engine.compiler import compile_journey
from streams.engine.leaves import LEAVES
from streams.engine.outputs import StageChanged
from streams.kafka.grants import ROLES
from streams.kafka.topics import Topics, layouts
from streams.records import Encoder, Origin
from tests.driver import Product

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


@pytest.mark.parametrize("name", generator().PAGES)
def test_a_derived_page_says_what_the_code_says(name: str) -> None:
    page: str = generator().PAGES[name]()
    assert (DOCS / name).read_text() == page, "stale: run `make generate`"


def test_a_condition_in_words_means_what_the_page_on_the_language_says() -> None:
    pairs = re.findall(r"^\| `(\w+: .*)` \| `(.*)` \|$", (DOCS / "journey.md").read_text(), re.MULTILINE)
    assert len(pairs) >= 7
    for in_words, at_length in pairs:
        short, long = (Condition.model_validate(yaml.safe_load(text)) for text in (in_words, at_length))
        assert short == long


def test_the_asyncapi_document_has_every_topic_and_points_only_to_what_is_there() -> None:
    text = (DOCS.parent / "schemas" / "json" / "asyncapi.yaml").read_text()
    document = yaml.safe_load(text)
    assert set(document["channels"]) == set(layouts(Topics()))
    for pointer in re.findall(r"\$ref: '#/(.+)'", text):
        assert reduce(getitem, pointer.split("/"), document)
    files = set(re.findall(r"\$ref: \./(\S+)", text))
    assert files == {file.name for file in (DOCS.parent / "schemas" / "json").glob("*.json")} - {"journey.json"}


def test_the_asyncapi_document_gives_the_headers_that_are_written() -> None:
    product = Product(read_journey(ROOT / "tests" / "golden" / "small.yaml"))
    product.account("acme").does("Signed Up").does("Project Created").passes(days=12)
    encode = Encoder(Topics(), Bodies(product.source, product.journey))
    records = [encode(output, Origin("", 0), 0) for output in product.outputs]
    document = asyncapi.document()
    assert len({record.topic for record in records}) == 4
    for record in records:
        (message,) = document["channels"][record.topic]["messages"]
        headers = document["components"]["messages"][message]["headers"]
        written = {name: (value or b"").decode() for name, value in record.headers or ()}
        assert list(written) == headers["required"]
        assert [fault.message for fault in Draft202012Validator(headers).iter_errors(written)] == []


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


WITHOUT_KAFKA = {"replay", "check", "broker", "topics grants", "report lift", "report plays"}


def test_every_command_that_talks_to_kafka_says_what_it_must_be_granted() -> None:
    known = {path.removeprefix("journey ") for path, _ in generator().commands()}
    assert ROLES.keys() | WITHOUT_KAFKA == known


def test_every_kind_of_condition_has_its_sentence() -> None:
    assert WORDS.keys() == LEAVES.keys()


def test_the_guarantee_is_given_in_the_same_words_everywhere() -> None:
    words = "every accepted event affects its account's state exactly once, and every verdict appears exactly once"
    for page in (ROOT / "README.md", DOCS / "guarantee.md"):
        assert words in " ".join(page.read_text().split()).replace("Every accepted", "every accepted")


def test_every_test_that_the_page_of_faults_names_is_there() -> None:
    named = re.findall(r"`(test_\w+)(?:::(test_\w+))?`", (ROOT / "docs" / "faults.md").read_text())
    assert named
    for module, test in named:
        (path,) = (ROOT / "tests").rglob(f"{module}.py")
        assert not test or f"def {test}(" in path.read_text()


def test_every_test_that_the_table_of_demands_names_is_there() -> None:
    table, _, _ = (ROOT / "docs" / "mission.md").read_text().partition("## The two documents")
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    demands = [row for row in rows if not row.startswith(("| demand", "|---"))]
    assert len(demands) > 80
    for row in demands:
        named = re.findall(r"(tests/[\w/]+\.py)(?:::(\w+))?(?:::(\w+))?", row.split(" | ")[-1])
        assert named, f"shown by no test: {row}"
        for path, *names in named:
            text = (ROOT / path).read_text()
            assert all(f"def {name}(" in text or f"class {name}" in text for name in names if name), row


def journeys_on_the_page() -> Iterator[dict[str, Any]]:
    """The journey of the page on writing one, as it stands after each of its blocks."""
    journey: dict[str, Any] = {}
    for block in re.findall(r"```yaml\n(.*?)```", (DOCS / "writing-a-journey.md").read_text(), re.DOTALL):
        for section, said in yaml.safe_load(block).items():
            journey[section] = journey.get(section, {}) | said if isinstance(said, dict) else said
        yield dict(journey)


def test_the_journey_on_the_page_is_whole_after_each_step_and_has_every_section_in_the_end(tmp_path: Path) -> None:
    for step, journey in enumerate(journeys_on_the_page()):
        file = tmp_path / f"{step}.yaml"
        file.write_text(yaml.safe_dump(journey, sort_keys=False))
        compile_journey(read_journey(file))
    assert set(Journey.model_fields) - {"allowed_lateness", "identity"} <= journey.keys()


def test_who_falls_silent_goes_dormant_once_in_the_journey_on_the_page() -> None:
    *_, journey = journeys_on_the_page()
    product = Product(Journey.model_validate(journey))
    acme = product.account("acme")
    acme.does("Invite Sent")
    for _ in range(12):
        acme.does("Document Shared").passes(days=1)
    acme.passes(days=60)
    stages = [one.to_stage for one in product.outputs if isinstance(one, StageChanged)]
    assert stages == ["activated", "adopted", "dormant"]
