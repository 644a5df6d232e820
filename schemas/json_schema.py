"""JSON Schemas of all that crosses a wire or a file, generated from the models and never written by hand."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel

from schemas.events import SegmentMessage

MODELS: Final[Mapping[str, type[BaseModel]]] = MappingProxyType(
    {
        "event": SegmentMessage,
    }
)
"""Schema name, which is also the file name, to the model it is generated from. Add a line for a new one."""

FOLDER: Final = Path(__file__).parent / "json"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_text(name: str) -> str:
    """The JSON Schema of one model as the file holds it."""
    schema = MODELS[name].model_json_schema(mode="validation")
    return json.dumps({"$schema": _DIALECT, **schema}, indent=2, ensure_ascii=False) + "\n"


def write_all(folder: Path = FOLDER) -> None:
    """Write every schema to `folder` and remove files of models that are gone."""
    for stale in {file.stem for file in folder.glob("*.json")} - set(MODELS):
        (folder / f"{stale}.json").unlink()
    for name in MODELS:
        (folder / f"{name}.json").write_text(schema_text(name), encoding="utf-8")
