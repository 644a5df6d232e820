"""Events declared in groups, read as if each were declared by itself, where its name stands."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pydantic import ValidationError

from schemas.faults import Path
from schemas.journey import EventGroup, EventGroups, spread
from schemas.references import valid
from schemas.wording import worded
from schemas.yaml_tree import Mark, Tree


def ungrouped(tree: Tree) -> Tree:
    """The tree with a mapping of events in place of their groups. A group with faults declares no more than names."""
    data, groups = tree.data, _groups(tree)
    if not isinstance(data, dict) or groups is None:
        return tree
    sound = [_named(group) if valid(EventGroup, group) is None else group for group in groups]
    places = {path: mark for path, mark in tree.places.items() if path[:1] != ("events",) or len(path) == 1}
    spreading = list(spread(sound))
    marks = {("events", name): tree.places["events", *path] for path, name, _ in spreading}
    events = {name: kind for _, name, kind in spreading}
    return replace(tree, data=data | {"events": events}, places=places | marks)


def unfit_groups(tree: Tree) -> Iterator[tuple[Path, str]]:
    """What is wrong with groups by themselves, and every name that stands in them twice."""
    groups = _groups(tree)
    if groups is None:
        return
    try:
        EventGroups.model_validate({"events": groups})
    except ValidationError as error:
        yield from worded(error, EventGroups)
    seen: dict[str, Mark] = {}
    for path, name, _ in spread(groups):
        mark = tree.places["events", *path]
        if seen.setdefault(name, mark) is not mark:
            yield ("events", *path), f"the event '{name}' stands here twice, first on line {seen[name].line}"


def _groups(tree: Tree) -> list[object] | None:
    found = tree.data.get("events") if isinstance(tree.data, dict) else None
    return found if isinstance(found, list) else None


def _named(group: object) -> Mapping[str, object]:
    return {key: value for key, value in group.items() if key == "names"} if isinstance(group, dict) else {}
