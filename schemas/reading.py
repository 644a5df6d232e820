"""The journey file, read: every fault in it is told at once, with its line, its path and a remedy."""

import errno
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path as FilePath
from stat import S_ISREG
from typing import Final

from pydantic import ValidationError

from schemas.event_groups import unfit_groups, ungrouped
from schemas.faults import Fault, JourneyError, Path
from schemas.handoff_references import unfit_handoffs
from schemas.journey import Journey
from schemas.paths_through import broken_paths
from schemas.references import unfit_references
from schemas.wording import worded
from schemas.yaml_tree import MAX_BYTES, MAX_FAULTS, Tree, YamlError, read_tree

__all__ = ["Fault", "JourneyError", "read_journey"]


def read_journey(source: FilePath | bytes, name: str | None = None) -> Journey:
    """Read and check a journey file, given as its path or its content. `name` is what faults call it.

    Raises JourneyError with all faults of the file, and nothing else. A file that is not YAML is told that alone.
    """
    called = name or (str(source) if isinstance(source, FilePath) else "journey")
    try:
        tree = read_tree(source if isinstance(source, bytes) else _content(source))
    except YamlError as error:
        raise JourneyError(called, error.faults) from None
    except OSError as error:
        raise JourneyError(called, [Fault(1, 1, "", f"cannot be read: {error.strerror or error}")]) from None
    return _check(tree, called)


def _content(path: FilePath) -> bytes:
    with open(path, "rb", opener=_at_once) as file:
        if not S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "a pipe or a device; name a file")
        return file.read(MAX_BYTES + 1)


def _at_once(path: str, flags: int) -> int:
    """Open without waiting: a pipe that nobody writes would be waited for without end."""
    return os.open(path, flags | os.O_NONBLOCK)


def _check(tree: Tree, name: str) -> Journey:
    """The journey in a tree, or all that keeps it from being one."""
    spread = ungrouped(tree)
    faults = [tree.fault(*found) for found in islice(unfit_groups(tree), MAX_FAULTS)]
    faults += [spread.fault(*found) for found in _named_faults(spread)]
    try:
        journey = Journey.model_validate(spread.data)
    except ValidationError as error:
        faults += [spread.fault(*found) for found in islice(worded(error, Journey), MAX_FAULTS)]
    empty = list(islice(_empty(tree), MAX_FAULTS))
    if faults or empty:
        hidden = {tree.fault(path[:end], "").path for path in empty for end in (len(path), -1)}
        kept = [fault for fault in faults if fault.path not in hidden]
        raise JourneyError(name, [*kept, *(tree.fault(path, _EMPTY) for path in empty)])
    return journey


def _named_faults(tree: Tree) -> Iterator[tuple[Path, str]]:
    assert isinstance(tree.data, dict)
    yield from islice(unfit_references(tree.data), MAX_FAULTS)
    yield from islice(broken_paths(tree.data), MAX_FAULTS)
    yield from islice(unfit_handoffs(tree.data), MAX_FAULTS)


def _empty(tree: Tree) -> Iterator[Path]:
    """Keys without a value. A bare name of an event or owner is a whole declaration; else it would have no effect."""
    for path in tree.places:
        if tree.at(path) is None and not _is_bare_name(path):
            yield path


def _is_bare_name(path: Path) -> bool:
    return (len(path) == 2 and path[0] == "events") or (len(path) == 4 and path[::2] == ("teams", "owners"))


_EMPTY: Final = "this is empty; give it a value, or leave it out"
