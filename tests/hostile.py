"""The hostile corpus: what producers get wrong, as labelled records with the verdict each must have.

All are read as records of RECORDED_AT. Reused by the broker tests, which send every one of them for real.
"""

import codecs
import gzip
import zlib
from dataclasses import dataclass
from typing import Final

import orjson

RECORDED_AT: Final = 1_772_600_768_456
"""2026-03-04T05:06:08.456Z, the Kafka timestamp that each record is given."""

_GOOD: Final[dict[str, object]] = {
    "type": "track",
    "messageId": "m-1",
    "userId": "ada",
    "event": "Report Created",
    "timestamp": "2026-03-04T05:06:07.089Z",
    "context": {"groupId": "acme"},
    "properties": {"seats": 3},
}


@dataclass(frozen=True)
class Hostile:
    """One record: `reason` is the rejection it must end in, or None if it must become an event all the same."""

    label: str
    value: bytes | None
    reason: str | None


def message(**members: object) -> bytes:
    """A good track call with some members changed or added."""
    return orjson.dumps(_GOOD | members)


def message_without(name: str) -> bytes:
    """A good track call but for one member."""
    return orjson.dumps({member: said for member, said in _GOOD.items() if member != name})


def spliced(members: bytes) -> bytes:
    """A good track call with raw JSON members put last."""
    return message()[:-1] + b"," + members + b"}"


def _deep(levels: int) -> bytes:
    return spliced(b'"deep":' + b"[" * (levels - 1) + b"]" * (levels - 1))


def sized(size: int, **members: object) -> bytes:
    """A good track call of exactly this many bytes."""
    return message(pad="x" * (size - len(message(pad="", **members))), **members)


_BYTES: Final = [
    Hostile("no value at all, a tombstone", None, "empty"),
    Hostile("no bytes", b"", "empty"),
    Hostile("only white space", b" \n\t ", "not_json"),
    Hostile("a message cut off in the middle", message()[:60], "not_json"),
    Hostile("a message without its last brace", message()[:-1], "not_json"),
    Hostile("words", b"hello world", "not_json"),
    Hostile("CSV", b"track,m-1,ada,Report Created", "not_json"),
    Hostile("XML", b"<event type='track'/>", "not_json"),
    Hostile("two messages on one line", message() + message(), "not_json"),
    Hostile("two messages, a line each", message() + b"\n" + message(), "not_json"),
    Hostile("single quotes", message().replace(b'"', b"'"), "not_json"),
    Hostile("a trailing comma", message()[:-1] + b",}", "not_json"),
    Hostile("a comment", b"// good\n" + message(), "not_json"),
    Hostile("a byte order mark", codecs.BOM_UTF8 + message(), "not_json"),
    Hostile("UTF-16 with its mark", message().decode().encode("utf-16"), "not_utf8"),
    Hostile("UTF-16 without mark", message().decode().encode("utf-16-le"), "not_json"),
    Hostile("Latin-1 in an id", message(userId="zoe").replace(b"zoe", b"zo\xeb"), "not_utf8"),
    Hostile("Latin-1 in a property", message(properties={"a": "zoe"}).replace(b"zoe", b"zo\xeb"), "not_utf8"),
    Hostile("Latin-1 in a member nobody reads", spliced(b'"a":"\xeb"'), "not_utf8"),
    Hostile("Latin-1 in a member's name", spliced(b'"\xeb":1'), "not_utf8"),
    Hostile("a surrogate encoded as UTF-8", spliced(b'"a":"\xed\xa0\x80"'), "not_utf8"),
    Hostile("an overlong encoding", spliced(b'"a":"\xc0\xaf"'), "not_utf8"),
    Hostile("gzip", gzip.compress(message(), mtime=0), "not_utf8"),
    Hostile("zlib", zlib.compress(message()), "not_utf8"),
    Hostile("protobuf, bare", b"\x0a\x05track\x12\x03m-1", "not_json"),
    Hostile("Confluent framing", b"\x00\x00\x00\x00\x2a" + message(), "schema_framed"),
    Hostile("framing with a schema's UUID", b"\x01" + bytes(range(16)) + message(), "schema_framed"),
    Hostile("framing over bytes that are not UTF-8", b"\x00\x00\x00\x00\x2a\xff\xfe", "schema_framed"),
    Hostile("the largest size", sized(262_144, receivedAt="2026-03-04T05:06:08Z"), None),
    Hostile("one byte too large", sized(262_145, receivedAt="2026-03-04T05:06:08Z"), "too_large"),
    Hostile("no room left for receivedAt", sized(262_144), "too_large"),
    Hostile("a text of a megabyte", message(properties={"a": "x" * 1_048_576}), "too_large"),
    Hostile("a megabyte of zeros", bytes(1_048_576), "too_large"),
]

_JSON: Final = [
    Hostile("null", b"null", "not_an_object"),
    Hostile("a number", b"42", "not_an_object"),
    Hostile("a text", b'"track"', "not_an_object"),
    Hostile("an array of messages", b"[" + message() + b"]", "not_an_object"),
    Hostile("an empty object", b"{}", "missing_type"),
    Hostile("NaN", spliced(b'"a":NaN'), "not_json"),
    Hostile("Infinity", spliced(b'"a":-Infinity'), "not_json"),
    Hostile("a number with leading zero", spliced(b'"a":01'), "not_json"),
    Hostile("a lone surrogate, escaped", spliced(b'"a":"\\ud800"'), "not_json"),
    Hostile("a lone surrogate in an id", spliced(b'"userId":"\\udc00"'), "not_json"),
    Hostile("a raw control character in a text", spliced(b'"a":"\x07"'), "not_json"),
    Hostile("an integer of 2^70 among properties", spliced(b'"properties":{"a":1180591620717411303424}'), None),
    Hostile("an integer of five hundred digits", spliced(b'"properties":{"a":' + b"9" * 500 + b"}"), None),
    Hostile("1e400 among properties", spliced(b'"properties":{"a":1e400}'), None),
    Hostile("32 levels deep", _deep(32), None),
    Hostile("33 levels deep", _deep(33), "too_deep"),
    Hostile("100,000 levels deep", _deep(100_000), "too_deep"),
    Hostile("100,000 brackets never closed", b"[" * 100_000, "too_deep"),
    Hostile("a text of escaped quotes that never ends", b'{"a":' + b"[" * 40 + b'"' + b'\\"' * 120_000, "too_deep"),
    Hostile("a text that ends in its escape", b'{"a":"' + b"{" * 40 + b"\\", "not_json"),
    Hostile("an integer of a hundred thousand digits", spliced(b'"properties":{"a":' + b"9" * 100_000 + b"}"), None),
    Hostile("many brackets side by side", spliced(b'"a":[' + b"[]," * 500 + b"{}]"), None),
    Hostile("many brackets within a text", message(properties={"a": '\\"[{' * 50}), None),
    Hostile("white space around", b" \r\n" + message() + b"\n\n", None),
]

_MEMBERS: Final = [
    Hostile("no type", message_without("type"), "missing_type"),
    Hostile("type null", message(type=None), "missing_type"),
    Hostile("type a number", message(type=1), "unknown_type"),
    Hostile("type empty", message(type=""), "unknown_type"),
    Hostile("type unknown", message(type="charge"), "unknown_type"),
    Hostile("type in capitals", message(type="Track"), "unknown_type"),
    Hostile("no messageId", message_without("messageId"), "missing_message_id"),
    Hostile("messageId null", message(messageId=None), "missing_message_id"),
    Hostile("messageId empty", message(messageId=""), "missing_message_id"),
    Hostile("messageId a number", message(messageId=7), "bad_message_id"),
    Hostile("messageId of 255 characters", message(messageId="é" * 255), None),
    Hostile("messageId of 256 characters", message(messageId="m" * 256), "bad_message_id"),
    Hostile("messageId with a null character", message(messageId="m\0"), "bad_message_id"),
    Hostile("no user", message_without("userId"), "missing_user"),
    Hostile("both users null", message(userId=None, anonymousId=None), "missing_user"),
    Hostile("both users empty", message(userId="", anonymousId=""), "missing_user"),
    Hostile("userId null, anonymousId given", message(userId=None, anonymousId="a"), None),
    Hostile("userId a number", message(userId=42), "bad_user_id"),
    Hostile("userId an object", message(userId={"id": "ada"}), "bad_user_id"),
    Hostile("userId too long", message(userId="u" * 256), "bad_user_id"),
    Hostile("userId with a new line", message(userId="ada\n"), "bad_user_id"),
    Hostile("userId with DEL", message(userId="ada\x7f"), "bad_user_id"),
    Hostile("userId with a C1 control", message(userId="ada\x85"), "bad_user_id"),
    Hostile("userId in Arabic with a joiner", message(userId="می‌خواهم"), None),
    Hostile("anonymousId a boolean", message(anonymousId=True), "bad_anonymous_id"),
    Hostile("anonymousId with a tab", message(anonymousId="a\tb"), "bad_anonymous_id"),
    Hostile("no event", message_without("event"), "missing_event_name"),
    Hostile("event empty", message(event=""), "missing_event_name"),
    Hostile("event an array", message(event=["a"]), "bad_event_name"),
    Hostile("event too long", message(event="e" * 256), "bad_event_name"),
    Hostile("a page with a number as name", message(type="page", name=1), "bad_name"),
    Hostile("a group without groupId", message(type="group"), "missing_group_id"),
    Hostile("a group with a numeric groupId", message(type="group", groupId=9), "bad_group_id"),
    Hostile("a numeric groupId in context", message(context={"groupId": 9}), "bad_group_id"),
    Hostile("a control in context.groupId", message(context={"groupId": "\x1b[2J"}), "bad_group_id"),
    Hostile("an alias without previousId", message(type="alias"), "missing_previous_id"),
    Hostile("an alias of a number", message(type="alias", previousId=3), "bad_previous_id"),
    Hostile("context a text", message(context="acme"), "bad_context"),
    Hostile("context an array", message(context=[]), "bad_context"),
    Hostile("properties an array", message(properties=[1]), "bad_properties"),
    Hostile("properties a text", message(properties="{}"), "bad_properties"),
    Hostile("properties zero", message(properties=0), "bad_properties"),
    Hostile("traits a number", message(type="identify", traits=1), "bad_traits"),
    Hostile("an alias of oneself", message(type="alias", previousId="ada"), None),
    Hostile("an alias whose userId is null", message(type="alias", previousId="x", userId=None), "missing_user"),
    Hostile("20,000 properties", message(properties={f"p{number}": 0 for number in range(20_000)}), None),
    Hostile("50,000 properties", message(properties={f"p{number}": 0 for number in range(50_000)}), "too_large"),
    Hostile("word between ids that is none", b'{"journey_link":{}}', "missing_type"),
    Hostile("word between ids, and an event too", spliced(b'"journey_link":{"to":"ada"}'), None),
    Hostile("null wherever it may stand", message(anonymousId=None, context=None, properties=None), None),
    Hostile("userId given twice, first a number", b'{"userId":1,' + message()[1:], "bad_member"),
    Hostile("userId given twice, both good", b'{"userId":"x",' + message()[1:], None),
]

_TIMES: Final = [
    Hostile("no timestamp", message_without("timestamp"), None),
    Hostile("timestamp null", message(timestamp=None), None),
    Hostile("timestamp empty", message(timestamp=""), "bad_timestamp"),
    Hostile("timestamp in seconds", message(timestamp=1_772_600_767), "bad_timestamp"),
    Hostile("timestamp in digits", message(timestamp="1772600767"), "bad_timestamp"),
    Hostile("timestamp a day only", message(timestamp="2026-03-04"), "bad_timestamp"),
    Hostile("timestamp in words", message(timestamp="Wed, 04 Mar 2026 05:06:07 GMT"), "bad_timestamp"),
    Hostile("the 30th of February", message(timestamp="2026-02-30T00:00:00Z"), "bad_timestamp"),
    Hostile("24 o'clock", message(timestamp="2026-03-04T24:00:00Z"), "bad_timestamp"),
    Hostile("a leap second", message(timestamp="2026-12-31T23:59:60Z"), "bad_timestamp"),
    Hostile("no zone", message(timestamp="2026-03-04T05:06:07"), "timestamp_without_zone"),
    Hostile("the year 1969", message(timestamp="1969-12-31T23:59:59.999Z"), "timestamp_out_of_range"),
    Hostile("the year 1", message(timestamp="0001-01-01T00:00:00+14:00"), "timestamp_out_of_range"),
    Hostile("1970 itself", message(timestamp="1970-01-01T00:00:00Z"), None),
    Hostile("the year 9999", message(timestamp="9999-12-31T23:59:59.999999Z"), None),
    Hostile("the year 10000 in UTC", message(timestamp="9999-12-31T23:59:59-14:00"), "timestamp_out_of_range"),
    Hostile("a device clock in 2030", message(timestamp="2030-01-01T00:00:00Z"), None),
    Hostile("an event three years old", message(timestamp="2023-03-04T05:06:07Z"), None),
    Hostile("nine digits of a second", message(timestamp="2026-03-04T05:06:07.123456789+05:30"), None),
    Hostile("receivedAt without zone", message(receivedAt="2026-03-04T05:06:07"), "bad_received_at"),
    Hostile("receivedAt a number", message(receivedAt=1), "bad_received_at"),
    Hostile("receivedAt in 1969", message(receivedAt="1969-01-01T00:00:00Z"), "bad_received_at"),
    Hostile("receivedAt in 2030", message(receivedAt="2030-01-01T00:00:00Z"), "received_in_future"),
    Hostile("receivedAt ten minutes ahead", message(receivedAt="2026-03-04T05:16:08.456Z"), None),
    Hostile("receivedAt a ms later still", message(receivedAt="2026-03-04T05:16:08.457Z"), "received_in_future"),
]

CORPUS: Final = (*_BYTES, *_JSON, *_MEMBERS, *_TIMES)
