"""Upgrades: states of every version so far are taken over as if this program had written them, later ones refused."""

import msgspec
import pytest

from schemas.state import VERSION, StateVersionError
from streams.engine.clock import Progress, decode_progress, unpack_clock
from streams.engine.decode import decode
from streams.engine.users import CLOCK
from tests.golden.states import FOLDER, Kept, outputs, shape, stages
from tests.laws.streams import per_account

VERSIONS = [Kept(folder) for folder in sorted(FOLDER.iterdir())]


def test_what_this_version_writes_is_kept_for_its_successors() -> None:
    assert [kept.written().version for kept in VERSIONS] == list(range(1, VERSION + 1))


def test_a_state_whose_shape_has_changed_has_another_version() -> None:
    kept = (FOLDER / str(VERSION) / "shape.txt").read_text()
    assert shape().splitlines() == kept.splitlines(), "CONTRIBUTING.md, States, says what to do"


@pytest.mark.parametrize("kept", VERSIONS, ids=lambda kept: f"version {kept.folder.name}")
def test_states_of_an_earlier_version_give_the_same_verdicts(kept: Kept) -> None:
    _, rest = kept.halves()
    expected = per_account(list(outputs(kept.lived(), rest)))
    assert sum(map(len, expected.values())) > 100
    assert per_account(list(outputs(kept.restored(), rest))) == expected


@pytest.mark.parametrize("version", [VERSION + 1, 0, -1, "two", None])
def test_states_of_a_version_that_is_not_known_are_refused_by_every_stage(version: object) -> None:
    kept = VERSIONS[-1]
    for keyed, records in zip(stages(kept.pipeline()), kept.written().records, strict=True):
        clock = msgspec.msgpack.decode(dict(records)[CLOCK])
        with pytest.raises(StateVersionError, match=rf"version {version}, .* up to {VERSION}: run the later one"):
            keyed.load(CLOCK, msgspec.msgpack.encode([version, *clock[1:], "a field of a later version"]))


def test_a_state_that_was_taken_over_is_written_as_this_version() -> None:
    (earliest, *_) = VERSIONS
    clock = dict(earliest.written().records[1])[CLOCK]
    assert unpack_clock(clock).version == VERSION


def test_a_producer_of_another_age_may_say_more_and_need_not_say_what_is_optional() -> None:
    said = b'"type":"track","messageId":"1","userId":"ann","event":"Report Viewed"'
    plain = decode(b"{" + said + b"}", recorded_at=5)
    for more in (b'"seq":{"a":[1]}', b'"context":{"groupId":null,"device":{"id":7}}', b'"properties":null,"sentAt":[]'):
        event = decode(b"{" + said + b"," + more + b"}", recorded_at=5)
        assert [getattr(event, name) for name in ("name", "user", "message_id", "at", "arrived_at", "group_id")] == [
            getattr(plain, name) for name in ("name", "user", "message_id", "at", "arrived_at", "group_id")
        ]


def test_workers_of_two_versions_understand_each_others_markers() -> None:
    marker = Progress(2, {0: (7, False)})
    told = msgspec.json.decode(marker.encode())
    told["journey_progress"]["later"] = {"what": "a later version adds"}
    assert decode_progress(msgspec.json.encode(told)) == marker
    first = {"journey_progress": {"of": 2, "sources": {"0": [7, False]}}}
    assert decode_progress(msgspec.json.encode(first)) == marker
