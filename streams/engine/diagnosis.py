"""Why a message has no shape we can read: the slow second look, taken only once decoding has failed."""

import re
from itertools import accumulate
from typing import Final

import msgspec

from streams.engine.calls import CALLS, Call
from streams.engine.rejection import Reason, Rejected

MAX_DEPTH: Final = 32

_BAD: Final = {
    "messageId": Reason.BAD_MESSAGE_ID,
    "userId": Reason.BAD_USER_ID,
    "anonymousId": Reason.BAD_ANONYMOUS_ID,
    "event": Reason.BAD_EVENT_NAME,
    "name": Reason.BAD_NAME,
    "groupId": Reason.BAD_GROUP_ID,
    "previousId": Reason.BAD_PREVIOUS_ID,
    "context": Reason.BAD_CONTEXT,
    "properties": Reason.BAD_PROPERTIES,
    "traits": Reason.BAD_TRAITS,
    "timestamp": Reason.BAD_TIMESTAMP,
    "receivedAt": Reason.BAD_RECEIVED_AT,
}
# Each string is passed over once, also one that never ends: a second try from within it would be quadratic.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.?+[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
_STEP: Final = {ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1}
_NO_BRACKET: Final = bytes(set(range(256)) - set(_STEP))
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")


def is_too_deep(json: bytes) -> bool:
    """Whether arrays and objects nest deeper than MAX_DEPTH; exact for valid JSON, a guess for anything else.

    The parsers' own limits depend on the Python stack they run on, and so would the verdict.
    """
    brackets = _STRING.sub(b"", json).translate(None, _NO_BRACKET)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_DEPTH


def why_unshaped(value: bytes, error: msgspec.DecodeError | UnicodeDecodeError) -> Rejected:
    """Find what `error`, raised while decoding `value`, was about."""
    if value[0] <= 1:
        return Rejected(Reason.SCHEMA_FRAMED, f"the first byte is 0x{value[0]:02x}")
    if isinstance(error, UnicodeDecodeError):
        return Rejected(Reason.NOT_UTF8, f"{error.reason} at byte {error.start}")
    try:
        members = msgspec.json.decode(value, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError as flaw:
        return Rejected(Reason.NOT_AN_OBJECT, str(flaw))
    except msgspec.DecodeError as flaw:
        return Rejected(Reason.NOT_JSON, str(flaw))
    return _why_members(members)


def _why_members(members: dict[str, msgspec.Raw]) -> Rejected:
    name = msgspec.json.decode(members.get("type", b"null"))
    if name is None:
        return Rejected(Reason.MISSING_TYPE, 'write "type": "track", or another Segment call')
    if not isinstance(name, str) or name not in CALLS:
        return Rejected(Reason.UNKNOWN_TYPE, f"one of {', '.join(CALLS)} is expected")
    for field in msgspec.structs.fields(CALLS[name]):
        try:
            msgspec.json.decode(members.get(field.encode_name, b"null"), type=field.type)
        except msgspec.ValidationError as flaw:
            return Rejected(_bad_member(field.encode_name, str(flaw)), f"{field.encode_name}: {flaw}")
    return Rejected(Reason.BAD_MEMBER, "a member is given twice, once with the wrong type")


def _bad_member(name: str, flaw: str) -> Reason:
    """The reason for one member, told apart by msgspec's words where one member can fail in two ways."""
    if name == "context" and "$.groupId" in flaw:
        return Reason.BAD_GROUP_ID
    if name == "timestamp" and "timezone" in flaw:
        return Reason.TIMESTAMP_WITHOUT_ZONE
    return _BAD[name]


def controls_in(call: Call) -> Rejected | None:
    """Refuse control characters in any id or name of a call."""
    for field, name in zip(call.__struct_fields__, call.__struct_encode_fields__, strict=True):
        text = getattr(call, field)
        if isinstance(text, str) and not text.isprintable() and _CONTROL.search(text):
            return Rejected(_BAD[name], f"{name} holds a control character")
    group_id = call.context and call.context.group_id
    if group_id and _CONTROL.search(group_id):
        return Rejected(Reason.BAD_GROUP_ID, "context.groupId holds a control character")
    return None
