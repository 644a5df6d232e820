"""No key is accepted without effect: for each one, a change to it that somebody can observe."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel
from rich.console import Console

from schemas import journey as file
from streams.bodies import Bodies
from streams.cli.explained import tell
from streams.engine.outputs import DeadLetter, FigureClosed, Said
from streams.explain import account_in, explain
from tests.effects.lives import BASE, live

ROOT = Path(__file__).parents[2]
EFFECTS: Mapping[str, Mapping[str, Any]] = yaml.safe_load((Path(__file__).parent / "effects.yaml").read_text())


def keys(model: type[BaseModel], met: set[type[BaseModel]] | None = None) -> Iterator[str]:
    """Every key of a model and of the models in it, as `Model.key`."""
    met = {model} if met is None else met
    for name, field in model.model_fields.items():
        yield f"{model.__name__}.{field.alias or name}"
        for part in models_in(field.annotation):
            if part not in met:
                met.add(part)
                yield from keys(part, met)


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def laid_over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a journey file with other values at these paths."""
    data = deepcopy(dict(base))
    for path, value in changes.items():
        *way, last = path.split(".")
        place: Any = data
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
        place[last] = deepcopy(value)
    return data


def observed(data: Mapping[str, Any]) -> list[object]:
    """All that a journey says of the life, and how it explains the account at the end; all but its digest."""
    source = file.Journey.model_validate(data)
    product = live(source)
    bodies = Bodies(source, product.journey)
    said: list[object] = [bodies.body(output, 0) for output in product.outputs if isinstance(output, Said)]
    said += [bodies.figure(output, 0) for output in product.outputs if isinstance(output, FigureClosed)]
    for body in said:
        body["journey"].pop("digest", None)  # type: ignore[index]
    letters = [(output.reason, output.value) for output in product.outputs if isinstance(output, DeadLetter)]
    account = account_in(product.pipeline.follow, "acme")
    assert account is not None
    explained = StringIO()
    Console(width=200, file=explained).print(tell(explain(account, source)))
    return [*said, *letters, product.dispositions, explained.getvalue()]


def test_every_key_of_the_language_has_an_effect_listed() -> None:
    assert set(EFFECTS) == set(keys(file.Journey))


@pytest.mark.parametrize("key", EFFECTS)
def test_changing_a_key_changes_what_can_be_observed(key: str) -> None:
    effect = EFFECTS[key]
    if "shown_by" in effect:
        path, name = effect["shown_by"].split("::")
        assert f"def {name}(" in (ROOT / path).read_text()
        return
    before = laid_over(BASE, effect.get("with", {}))
    assert observed(before) != observed(laid_over(before, effect["change"]))


def test_a_change_without_effect_would_be_found() -> None:
    assert observed(BASE) == observed(laid_over(BASE, {"milestones": {}}))
