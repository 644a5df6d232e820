"""The oracle: what `journey replay` makes of the accepted messages, against what a `read_committed` reader saw."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

Body = dict[str, object]
Said = dict[str, dict[str, list[Body]]]
"""Topic → account or series of figures → bodies in order, without `detected_at`: only that may differ."""

JUDGED = ("transitions", "milestones", "alerts", "movements", "renewals", "accounts", "kpis", "instrumentation")


def said_of(records: Mapping[str, Iterable[bytes]]) -> Said:
    """Group the bodies of each topic by account, in order."""
    said: Said = {topic: defaultdict(list) for topic in records}
    for topic, values in records.items():
        for value in values:
            body = json.loads(value)
            body.pop("detected_at")
            said[topic][body.get("account_id") or body.get("source") or _series(body)].append(body)
    return said


def _series(figure: Body) -> str:
    """What tells the figures of one KPI from those of others: each series has its order."""
    return " ".join(str(figure[part]) for part in ("kpi", "of", "period", "cut"))


def replayed(folder: Path) -> Said:
    """What a replay wrote."""
    return said_of({topic: (folder / f"{topic}.jsonl").read_bytes().splitlines() for topic in JUDGED})


def differences(expected: Said, seen: Said) -> list[str]:
    """Each way in which what was seen is not what was expected: missing, twice, unjustified, out of order, changed."""
    found = []
    for topic in expected:
        for account in sorted(expected[topic].keys() | seen[topic].keys()):
            found += [f"{topic} {account}: {d}" for d in _compare(expected[topic][account], seen[topic][account])]
    return found


def _compare(expected: list[Body], seen: list[Body]) -> list[str]:
    if expected == seen:
        return []
    wanted, got = [str(body["id"]) for body in expected], [str(body["id"]) for body in seen]
    found = [f"{one} is missing" for one in wanted if one not in got]
    found += [f"{one} is not justified" for one in dict.fromkeys(got) if one not in wanted]
    found += [f"{one} came {got.count(one)} times" for one in dict.fromkeys(got) if got.count(one) > 1]
    if not found and wanted != got:
        found.append("the order differs")
    return found or [
        f"{a['id']} reads otherwise: {_changed(a, b)}" for a, b in zip(expected, seen, strict=True) if a != b
    ]


def _changed(expected: Body, seen: Body) -> str:
    return ", ".join(
        f"{key}: {expected.get(key)!r} became {seen.get(key)!r}" for key in expected if expected[key] != seen.get(key)
    )
