"""The taxonomy: the events we listen to, and what is known of accounts."""

from enum import StrEnum

from pydantic import Field

from schemas.journey.parts import Name, Strict


class Source(StrEnum):
    """The system an event comes from. Only product events are activity."""

    PRODUCT = "product"
    BILLING = "billing"
    SUPPORT = "support"
    CRM = "crm"
    FEEDBACK = "feedback"


class Policy(StrEnum):
    """What becomes of an event the taxonomy does not cover: counted in any case, then kept or made a dead letter."""

    KEEP = "keep"
    REJECT = "reject"


class EventType(Strict):
    """One declared event of the taxonomy."""

    source: Source = Source.PRODUCT
    feature: Name | None = Field(None, description="the feature its use counts for, in measures of breadth")
    owner: str | None = Field(None, max_length=255, description="the team that answers for its instrumentation")
    required: tuple[str, ...] = Field((), max_length=50, description="properties that must be there and not null")


class TraitKind(StrEnum):
    """What an account trait holds. A date is an RFC 3339 date, or an instant with a zone."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
