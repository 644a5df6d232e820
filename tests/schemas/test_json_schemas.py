"""The published JSON Schemas: generated, current, and as strict as the models they come from."""

from pathlib import Path

import pytest

from schemas.json_schema import FOLDER, MODELS, schema_text, write_all


@pytest.mark.parametrize("name", MODELS)
def test_each_published_schema_is_what_its_model_says_today(name: str) -> None:
    published = FOLDER / f"{name}.json"
    assert published.is_file(), f"{published.name} is missing: run `make schemas`"
    assert published.read_text(encoding="utf-8") == schema_text(name), "stale: run `make schemas`"


def test_no_schema_is_published_without_a_model() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(MODELS)


def test_writing_again_changes_nothing_and_removes_what_has_no_model(tmp_path: Path) -> None:
    (tmp_path / "gone.json").write_text("{}")
    write_all(tmp_path)
    write_all(tmp_path)
    assert {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()} == {
        f"{name}.json": schema_text(name) for name in MODELS
    }
