"""The published JSON Schemas: generated, current, and as strict as the models they come from."""

import json
from pathlib import Path

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from schemas.json_schema import FOLDER, SCHEMAS, schema_text, write_all
from schemas.state import Hot, Membership, User
from tests.small_journey import REFERENCE, SMALL

GOLDEN = Path(__file__).parents[1] / "golden"
JOURNEYS = (REFERENCE.read_text(), SMALL, (GOLDEN / "small.yaml").read_text())


def published(name: str) -> Draft202012Validator:
    schema = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_published_schema_is_what_its_models_say_today(name: str) -> None:
    file = FOLDER / f"{name}.json"
    assert file.is_file(), f"{file.name} is missing: run `make generate`"
    assert file.read_text(encoding="utf-8") == schema_text(name), "stale: run `make generate`"


def test_no_schema_is_published_without_a_model() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(SCHEMAS)


def test_writing_again_changes_nothing_and_removes_what_has_no_model(tmp_path: Path) -> None:
    (tmp_path / "gone.json").write_text("{}")
    write_all(tmp_path)
    write_all(tmp_path)
    assert {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()} == {
        f"{name}.json": schema_text(name) for name in SCHEMAS
    }


@pytest.mark.parametrize("text", JOURNEYS, ids=["reference", "small", "golden"])
def test_a_journey_in_all_its_short_forms_is_one_to_the_schema_too(text: str) -> None:
    assert [fault.message for fault in published("journey").iter_errors(yaml.safe_load(text))] == []


def test_a_misspelt_key_of_a_journey_is_none() -> None:
    spoiled = yaml.safe_load(SMALL.replace("milestones:", "milestone:"))
    assert any("milestone" in fault.message for fault in published("journey").iter_errors(spoiled))


@pytest.mark.parametrize("record", [Hot(), User(memberships=[Membership(1, "acme")], seen=b"8 bytes!")])
def test_a_state_record_unpacked_is_one_to_the_schema(record: msgspec.Struct) -> None:
    unpacked = msgspec.to_builtins(msgspec.msgpack.decode(msgspec.msgpack.encode(record)), str_keys=True)
    definition = published("state").evolve(schema=published("state").schema | {"anyOf": [ref(record)]})
    assert [fault.message for fault in definition.iter_errors(unpacked)] == []


def ref(record: msgspec.Struct) -> dict[str, str]:
    return {"$ref": f"#/$defs/{type(record).__name__}"}
