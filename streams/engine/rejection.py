"""Bad input as a value: every reason for which a message cannot become an event, and what each means."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """Why a message was rejected. The names are stable: dead letters, metrics and runbooks carry them."""

    meaning: str
    """What the name says, in one line for people."""

    def __new__(cls, name: str, meaning: str) -> Self:
        """Make the member that reads as its name and carries its meaning."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.meaning = meaning
        return member

    EMPTY = "empty", "The record has no value, or one of no bytes."
    TOO_LARGE = "too_large", "The value is larger than 256 KiB."
    SCHEMA_FRAMED = "schema_framed", "The value begins with the bytes of a schema registry, not with JSON."
    NOT_UTF8 = "not_utf8", "The value is not UTF-8."
    NOT_JSON = "not_json", "The value is not one whole JSON value; NaN and lone surrogates are none."
    TOO_DEEP = "too_deep", "Arrays and objects nest more than 32 deep."
    NOT_AN_OBJECT = "not_an_object", "The value is JSON, but not an object."
    MISSING_TYPE = "missing_type", "There is no `type`."
    UNKNOWN_TYPE = "unknown_type", "`type` is none of track, identify, group, page, screen, alias."
    MISSING_MESSAGE_ID = "missing_message_id", "`messageId` is absent, null or empty."
    BAD_MESSAGE_ID = "bad_message_id", "`messageId` is not text of 1 to 255 characters without controls."
    MISSING_USER = "missing_user", "`userId` and `anonymousId` are both absent, null or empty."
    BAD_USER_ID = "bad_user_id", "`userId` is not text of at most 255 characters without controls."
    BAD_ANONYMOUS_ID = (
        "bad_anonymous_id",
        "`anonymousId` is not text of at most 255 characters without controls.",
    )
    MISSING_EVENT_NAME = "missing_event_name", "A track call has no `event`, or an empty one."
    BAD_EVENT_NAME = "bad_event_name", "`event` is not text of 1 to 255 characters without controls."
    BAD_NAME = (
        "bad_name",
        "`name` of a page or screen is not text of at most 255 characters without controls.",
    )
    MISSING_GROUP_ID = "missing_group_id", "A group call has no `groupId`, or an empty one."
    BAD_GROUP_ID = "bad_group_id", "A group id is not text of at most 255 characters without controls."
    MISSING_PREVIOUS_ID = "missing_previous_id", "An alias call has no `previousId`, or an empty one."
    BAD_PREVIOUS_ID = "bad_previous_id", "`previousId` is not text of 1 to 255 characters without controls."
    BAD_CONTEXT = "bad_context", "`context` is neither an object nor null."
    BAD_PROPERTIES = "bad_properties", "`properties` is neither an object nor null."
    BAD_TRAITS = "bad_traits", "`traits` is neither an object nor null."
    MISSING_TIMESTAMP = "missing_timestamp", "Nothing says when this happened, nor when it arrived."
    BAD_TIMESTAMP = "bad_timestamp", "`timestamp` is not an RFC 3339 date and time."
    TIMESTAMP_WITHOUT_ZONE = "timestamp_without_zone", "`timestamp` names no zone: end it in Z or an offset."
    TIMESTAMP_OUT_OF_RANGE = (
        "timestamp_out_of_range",
        "`timestamp` is outside the years 1970 to 9999, in UTC.",
    )
    BAD_RECEIVED_AT = (
        "bad_received_at",
        "`receivedAt` is not RFC 3339 with a zone, in the years 1970 to 9999, 2099 in a replay.",
    )
    RECEIVED_IN_FUTURE = (
        "received_in_future",
        "`receivedAt` is over ten minutes ahead of the record's own time.",
    )
    BAD_MEMBER = "bad_member", "A member is given twice, and once with the wrong type."
    BAD_NUMBER = "bad_number", "A number among properties or traits does not fit 64 bits."
    TOO_LONG = "too_long", "A text among properties or traits is longer than 32,768 characters."
    MISSING_KEY = "missing_key", "A record among account events has no key: its key is the account."
    BAD_KEY = "bad_key", "The key is not UTF-8 text of 1 to 255 characters."
    NO_ACCOUNT = "no_account", "The event names no account, and its user belongs to none."
    ACCOUNT_MISMATCH = "account_mismatch", "The event names one account, and the record's key another."
    UNDECLARED_EVENT = "undeclared_event", "The journey does not declare this event, and rejects such."
    MISSING_PROPERTY = "missing_property", "A property that the journey requires is absent or null."
    BAD_TRAIT = "bad_trait", "An account trait is not of the kind the journey declares, or fails one of its checks."
    BAD_FACT = "bad_fact", "A record among KPI facts is not one; they are written by workers alone."
    TOO_MANY_KEYS = "too_many_keys", "Properties or traits hold more than 10,000 values."


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that cannot become an event: a stable reason, and a detail for people, never its payload."""

    reason: Reason
    detail: str
