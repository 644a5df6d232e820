"""Decoding: what becomes an event, at which instant, and what is rejected under which name."""

import msgspec
import orjson
import pytest

from schemas.spans import DAY_MS, MINUTE_MS
from streams.engine.calls import Kind
from streams.engine.decode import CLOCK_AHEAD_MS, MAX_BYTES, decode, with_received_at
from streams.engine.event import Event
from streams.engine.objects import parse_object
from streams.engine.rejection import Reason, Rejected
from streams.engine.times import rfc3339
from tests.hostile import CORPUS, RECORDED_AT, Hostile, message, sized, spliced


def event_of(value: bytes, recorded_at: int | None = RECORDED_AT, latest: int = 0) -> Event:
    event = decode(value, recorded_at=recorded_at, latest=latest)
    assert isinstance(event, Event)
    return event


def reason_of(value: bytes, recorded_at: int | None = RECORDED_AT, latest: int = 0) -> Reason | None:
    decoded = decode(value, recorded_at=recorded_at, latest=latest)
    return decoded.reason if isinstance(decoded, Rejected) else None


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.label)
def test_each_hostile_record_has_its_verdict(hostile: Hostile) -> None:
    decoded = decode(hostile.value, recorded_at=RECORDED_AT)
    assert (decoded.reason if isinstance(decoded, Rejected) else None) == hostile.reason


def test_the_corpus_is_large_and_its_labels_are_unique() -> None:
    assert len({hostile.label for hostile in CORPUS}) == len(CORPUS) >= 240


def test_a_detail_never_repeats_the_payload() -> None:
    for value in (
        message(type="s3cret"),
        message(userId=["s3cret"]),
        b'{"s3cret"',
        b'{"type":"s3cret",' + message()[1:],
    ):
        decoded = decode(value, recorded_at=RECORDED_AT)
        assert isinstance(decoded, Rejected)
        assert "s3cret" not in decoded.detail


def test_each_reason_reads_as_its_name_and_has_one_line_of_meaning() -> None:
    for reason in Reason:
        assert str(reason) == reason.value == reason.name.lower()
        assert reason.meaning.endswith(".")
        assert "\n" not in reason.meaning


def test_a_track_call_is_read_whole() -> None:
    event = event_of(message(anonymousId="a-1"))
    assert event == Event(
        name="Report Created",
        user="ada",
        message_id="m-1",
        at=1_772_600_767_089,
        arrived_at=RECORDED_AT,
        clamped=False,
        group_id="acme",
        members=event.members,
        call=event.call,
    )
    assert (event.kind, event.call.anonymous_id) == (Kind.TRACK, "a-1")
    assert parse_object(event.members) == {"seats": 3}


@pytest.mark.parametrize(
    ("call", "name", "group_id"),
    [
        ({"type": "identify", "traits": {"a": 1}}, "$identify", "acme"),
        ({"type": "group", "groupId": "other", "traits": {"a": 1}}, "$group", "other"),
        ({"type": "page", "name": "Home"}, "$page", "acme"),
        ({"type": "screen", "name": "Home"}, "$screen", "acme"),
        ({"type": "alias", "previousId": "old"}, "$alias", "acme"),
    ],
)
def test_each_other_call_has_a_name_of_its_own(call: dict[str, object], name: str, group_id: str) -> None:
    event = event_of(message(**call))
    assert (event.name, event.group_id) == (name, group_id)
    assert (event.kind.name.lower(), getattr(event.call, "name", None)) == (call["type"], call.get("name"))
    assert parse_object(event.members) == call.get("traits", {} if call["type"] == "alias" else {"seats": 3})


def test_without_user_id_the_anonymous_id_is_the_user() -> None:
    event = event_of(message(userId="", anonymousId="a-1", context={"groupId": ""}))
    assert (event.user, event.group_id) == ("a-1", None)


def test_null_properties_hold_nothing() -> None:
    assert parse_object(event_of(message(properties=None)).members) == {}


def test_parts_of_a_millisecond_are_cut_off_and_offsets_counted() -> None:
    assert event_of(message(timestamp="2026-03-04T06:06:07.089999+01:00")).at == 1_772_600_767_089


def test_an_event_without_timestamp_happened_when_it_arrived() -> None:
    assert event_of(message(timestamp=None)).at == RECORDED_AT
    assert event_of(message(timestamp=None, receivedAt=rfc3339(RECORDED_AT - 5))).at == RECORDED_AT - 5


def test_received_at_goes_before_the_time_of_the_record() -> None:
    assert event_of(message(receivedAt=rfc3339(RECORDED_AT - DAY_MS))).arrived_at == RECORDED_AT - DAY_MS


def test_an_event_far_ahead_of_its_arrival_is_clamped_to_it_and_flagged() -> None:
    edge = event_of(message(timestamp=rfc3339(RECORDED_AT + CLOCK_AHEAD_MS)))
    past = event_of(message(timestamp=rfc3339(RECORDED_AT + CLOCK_AHEAD_MS + 1)))
    assert (edge.at, edge.clamped) == (RECORDED_AT + CLOCK_AHEAD_MS, False)
    assert (past.at, past.clamped) == (RECORDED_AT, True)


def test_in_a_replay_the_largest_event_time_so_far_stands_in_for_arrival() -> None:
    at = event_of(message()).at
    late = event_of(message(), recorded_at=None, latest=at + DAY_MS)
    assert (late.at, late.arrived_at) == (at, at + DAY_MS)
    ahead = event_of(message(), recorded_at=None, latest=at - DAY_MS)
    assert (ahead.at, ahead.arrived_at, ahead.clamped) == (at, at, False)
    assert event_of(message(timestamp=None), recorded_at=None, latest=at).at == at


def test_in_a_replay_received_at_is_taken_at_its_word() -> None:
    event = event_of(message(receivedAt="2030-01-01T00:00:00Z"), recorded_at=None, latest=RECORDED_AT)
    assert event.arrived_at == 1_893_456_000_000


def test_a_replay_never_lives_beyond_2099() -> None:
    far = "9999-12-31T23:59:59Z"
    assert reason_of(message(receivedAt=far), recorded_at=None) is Reason.BAD_RECEIVED_AT
    assert reason_of(message(timestamp=far), recorded_at=None) is Reason.MISSING_TIMESTAMP
    event = event_of(message(timestamp=far), recorded_at=None, latest=RECORDED_AT)
    assert (event.at, event.arrived_at, event.clamped) == (RECORDED_AT, RECORDED_AT, True)


def test_nothing_that_says_when_is_a_rejection() -> None:
    assert reason_of(message(timestamp=None), recorded_at=None) is Reason.MISSING_TIMESTAMP


@pytest.mark.parametrize("value", [message(), message() + b" \r\n", spliced(b'"receivedAt":null')])
def test_the_arrival_written_into_a_message_is_the_arrival_read_from_it(value: bytes) -> None:
    stamped = with_received_at(value, RECORDED_AT - MINUTE_MS)
    assert event_of(stamped).arrived_at == RECORDED_AT - MINUTE_MS
    assert orjson.loads(stamped) == orjson.loads(value) | {"receivedAt": "2026-03-04T05:05:08.456Z"}


@pytest.mark.parametrize("value", [b"{}", b" { } \n", b'{"a":{}}', b'{"a":"}" }'])
def test_the_arrival_can_be_written_into_any_object(value: bytes) -> None:
    stamped = with_received_at(value, 0)
    assert orjson.loads(stamped) == orjson.loads(value) | {"receivedAt": "1970-01-01T00:00:00.000Z"}


def test_of_a_member_given_twice_the_last_counts_for_every_reader() -> None:
    value = spliced(b'"userId":"eve"')
    assert event_of(value).user == orjson.loads(value)["userId"] == "eve"


def test_the_largest_message_still_decodes_with_its_arrival_written_in() -> None:
    largest = next(size for size in range(MAX_BYTES, 0, -1) if reason_of(sized(size)) is None)
    assert len(with_received_at(sized(largest), RECORDED_AT)) == MAX_BYTES
    assert reason_of(with_received_at(sized(largest), RECORDED_AT)) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"a":1180591620717411303424}', Reason.BAD_NUMBER),
        (b'{"a":[{"b":-9223372036854775809}]}', Reason.BAD_NUMBER),
        (b'{"a":1e400}', Reason.BAD_NUMBER),
        (b'{"a":' + b"9" * 100_000 + b"}", Reason.BAD_NUMBER),
        (b'{"a":"' + b"x" * 32_769 + b'"}', Reason.TOO_LONG),
        (b'{"a":[' + b"1," * 10_000 + b"1]}", Reason.TOO_MANY_KEYS),
        (b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", Reason.TOO_DEEP),
    ],
)
def test_properties_out_of_bounds_are_rejected_when_they_are_parsed(text: bytes, reason: Reason) -> None:
    parsed = parse_object(msgspec.Raw(text))
    assert isinstance(parsed, Rejected)
    assert parsed.reason is reason


def test_properties_within_bounds_are_plain_values() -> None:
    text = b'{"a":18446744073709551615,"b":[1.5,null,true],"c":{"d":"e"},"a":-9223372036854775808}'
    assert parse_object(msgspec.Raw(text)) == {"a": -(2**63), "b": [1.5, None, True], "c": {"d": "e"}}
    assert parse_object(msgspec.Raw(b"null")) == {}
