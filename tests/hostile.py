"""The hostile corpus: what producers get wrong, as labelled records with the verdict each must have.

All are read as records of RECORDED_AT. Reused by the broker tests, which send every one of them for real.
"""

import base64
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

_NUMBERS: Final = [
    Hostile(f"{text} among properties", spliced(b'"properties":{"a":%s}' % text.encode()), None)
    for text in ("-0", "-0.0", "1E5", "1e-400", "5e-324", "1.7976931348623157e308", "18446744073709551616", "0.1e1")
] + [
    Hostile(f"{text} is no number", spliced(b'"properties":{"a":%s}' % text.encode()), "not_json")
    for text in ("+1", ".5", "1.", "0x10", "1_000", "--1", "1e", "nan", "\u0661")
]

_TRAPS: Final = [
    Hostile("True, as Python writes it", spliced(b'"a":True'), "not_json"),
    Hostile("undefined", spliced(b'"a":undefined'), "not_json"),
    Hostile("a member without quotes", spliced(b"a:1"), "not_json"),
    Hostile("a member without value", spliced(b'"a":'), "not_json"),
    Hostile("a number as a member", spliced(b"1:1"), "not_json"),
    Hostile("a comma missing", message()[:-1] + b' "a":1}', "not_json"),
    Hostile("two commas", message()[:-1] + b',,"a":1}', "not_json"),
    Hostile("a brace too many", message() + b"}", "not_json"),
    Hostile("rubbish behind", message() + b" x", "not_json"),
    Hostile("a null character behind", message() + b"\0", "not_json"),
    Hostile("a null character before", b"\0" + message(), "schema_framed"),
    Hostile("a null character in a text, raw", spliced(b'"a":"\0"'), "not_json"),
    Hostile("a null character in a property, escaped", spliced(b'"properties":{"a":"\\u0000"}'), None),
    Hostile("a line broken within a text", spliced(b'"a":"x\ny"'), "not_json"),
    Hostile("an escape that is none", spliced(b'"a":"\\x41"'), "not_json"),
    Hostile("half an escape", spliced(b'"a":"\\u12"'), "not_json"),
    Hostile("a pair of surrogates, escaped", spliced(b'"properties":{"a":"\\ud83d\\ude00"}'), None),
    Hostile("surrogates the wrong way round", spliced(b'"a":"\\ude00\\ud83d"'), "not_json"),
    Hostile("UTF-32", message().decode().encode("utf-32"), "not_utf8"),
    Hostile("UTF-7", message().decode().encode("utf-7").replace(b"{", b"+AHs-"), "not_json"),
    Hostile("a byte beyond Unicode", spliced(b'"a":"\xf5\x80\x80\x80"'), "not_utf8"),
    Hostile("a code point beyond Unicode", spliced(b'"a":"\xf4\x90\x80\x80"'), "not_utf8"),
    Hostile("a character cut in two", message()[:-2] + b"\xe2\x82", "not_utf8"),
    Hostile("a null character in two bytes", spliced(b'"a":"\xc0\x80"'), "not_utf8"),
    Hostile("a JSON text of JSON", orjson.dumps(message().decode()), "not_an_object"),
    Hostile("JSON in base64", base64.b64encode(message()), "not_json"),
    Hostile("a batch of the HTTP interface", orjson.dumps({"batch": [orjson.loads(message())]}), "missing_type"),
    Hostile("a hundred members of one name", spliced(b",".join([b'"x":1'] * 100)), None),
    Hostile("messageId given twice, last null", spliced(b'"messageId":null'), "missing_message_id"),
    Hostile("type given twice, last unknown", spliced(b'"type":"charge"'), "unknown_type"),
    Hostile("members for a prototype", spliced(b'"__proto__":{"userId":"eve"},"constructor":1'), None),
    Hostile("an empty member", spliced(b'"":1'), None),
    Hostile("10,001 values", message(properties={"a": [0] * 10_000}), None),
    Hostile("a property's name of 100 kB", message(properties={"x" * 100_000: 1}), None),
    Hostile("a property of 40,000 letters", message(properties={"a": "x" * 40_000}), None),
]

_IDS: Final = [
    Hostile("messageId blank", message(messageId="   "), None),
    Hostile("messageId an emoji", message(messageId="\U0001f4a9"), None),
    Hostile("messageId a float", message(messageId=1.0), "bad_message_id"),
    Hostile("messageId of 10 kB", message(messageId="m" * 10_000), "bad_message_id"),
    Hostile("userId a float", message(userId=1e3), "bad_user_id"),
    Hostile("userId false", message(userId=False), "bad_user_id"),
    Hostile("userId blank", message(userId=" "), None),
    Hostile("userId with a zero-width space", message(userId="a\u200bda"), None),
    Hostile("userId composed", message(userId="zo\u00eb"), None),
    Hostile("userId decomposed, another user", message(userId="zoe\u0308"), None),
    Hostile("userId of a Cyrillic a, another user", message(userId="\u0430da"), None),
    Hostile("userId that turns text around", message(userId="\u202eada"), None),
    Hostile("userId of words for a shell", message(userId="$(reboot);`id`"), None),
    Hostile("userId of words for SQL", message(userId="'; DROP TABLE users; --"), None),
    Hostile("userId of words for a page", message(userId="<script>alert(1)</script>"), None),
    Hostile("groupId of a path", message(context={"groupId": "../../etc/passwd"}), None),
    Hostile("groupId that looks like another's", message(context={"groupId": "\u0430cme"}), None),
    Hostile("groupId an array", message(context={"groupId": ["acme"]}), "bad_group_id"),
    Hostile("groupId of 10 kB", message(context={"groupId": "g" * 10_000}), "bad_group_id"),
    Hostile("groupId of a group call false", message(type="group", groupId=False), "bad_group_id"),
    Hostile("groupId of a group call empty", message(type="group", groupId=""), "missing_group_id"),
    Hostile("event a number", message(event=404), "bad_event_name"),
    Hostile("event null", message(event=None), "missing_event_name"),
    Hostile("event with a line break", message(event="Report\nCreated"), "bad_event_name"),
    Hostile("event of another letter case", message(event="report created"), None),
    Hostile("event named like a call", message(event="$group"), None),
    Hostile("previousId empty", message(type="alias", previousId=""), "missing_previous_id"),
    Hostile("previousId an array", message(type="alias", previousId=["a"]), "bad_previous_id"),
    Hostile("previousId of 10 kB", message(type="alias", previousId="p" * 10_000), "bad_previous_id"),
    Hostile("a screen with an array as name", message(type="screen", name=[]), "bad_name"),
    Hostile("a page with a control in its name", message(type="page", name="a\x1b[2Jb"), "bad_name"),
    Hostile("a page without anything", message(type="page"), None),
    Hostile("traits of an identify call an array", message(type="identify", traits=["a"]), "bad_traits"),
    Hostile("traits of a group call a text", message(type="group", groupId="acme", traits="{}"), "bad_traits"),
    Hostile("traits of a track call, which has none", message(traits=1), None),
    Hostile("context a number", message(context=0), "bad_context"),
    Hostile("context false", message(context=False), "bad_context"),
    Hostile("context of nothing known", message(context={"groupId": "acme", "ip": [], "device": 7}), None),
]

_CLOCKS: Final = [
    Hostile("timestamp in milliseconds", message(timestamp=1_772_600_767_089), "bad_timestamp"),
    Hostile("timestamp negative", message(timestamp=-1), "bad_timestamp"),
    Hostile("timestamp an object", message(timestamp={"$date": 1}), "bad_timestamp"),
    Hostile("timestamp true", message(timestamp=True), "bad_timestamp"),
    Hostile("timestamp in American order", message(timestamp="03/04/2026 05:06:07"), "bad_timestamp"),
    Hostile("timestamp of a week", message(timestamp="2026-W10-3T05:06:07Z"), "bad_timestamp"),
    Hostile("timestamp in the year 0", message(timestamp="0000-01-01T00:00:00Z"), "bad_timestamp"),
    Hostile("timestamp in the year 10000", message(timestamp="10000-01-01T00:00:00Z"), "bad_timestamp"),
    Hostile("timestamp before our era", message(timestamp="-0001-01-01T00:00:00Z"), "bad_timestamp"),
    Hostile("a zone by name", message(timestamp="2026-03-04T05:06:07 Europe/Berlin"), "bad_timestamp"),
    Hostile("a zone of 25 hours", message(timestamp="2026-03-04T05:06:07+25:00"), "bad_timestamp"),
    Hostile("a zone at its widest", message(timestamp="2026-03-04T05:06:07+23:59"), None),
    Hostile("digits that are not ASCII", message(timestamp="\u0662026-03-04T05:06:07Z"), "bad_timestamp"),
    Hostile("a blank behind the timestamp", message(timestamp="2026-03-04T05:06:07Z "), "bad_timestamp"),
    Hostile("receivedAt empty", message(receivedAt=""), "bad_received_at"),
    Hostile("receivedAt true", message(receivedAt=True), "bad_received_at"),
    Hostile("receivedAt in the year 9999", message(receivedAt="9999-12-31T23:59:59Z"), "received_in_future"),
    Hostile("sentAt and originalTimestamp of rubbish", message(sentAt=[], originalTimestamp="never"), None),
]

CORPUS: Final = (*_BYTES, *_JSON, *_NUMBERS, *_TRAPS, *_MEMBERS, *_IDS, *_TIMES, *_CLOCKS)
