"""Instrumentation: the sources that are watched as a whole, so that no account is blamed for their silence."""

from pydantic import Field

from schemas.journey.alerts import Severity
from schemas.journey.parts import Strict


class Instrument(Strict):
    """A source that is watched. When all of its accounts fall silent together, that is told once, of the source.

    It learns in which hours of a week several accounts are always seen. Such hours without them are evidence, and count
    against no account: its usage drops and its silences wait until the source is back.
    """

    severity: Severity = Severity.CRITICAL
    owner: str | None = Field(None, max_length=255, description="the team that answers for it")
