"""KPIs: which milestones and measures the figures of the customer base are made of."""

from typing import Annotated

from pydantic import Field

from schemas.journey.parts import Name, Span, Strict
from schemas.journey.segments import Text
from schemas.spans import DAY_MS

Milestones = Annotated[tuple[Name, ...], Field(max_length=50)]


class ActiveUsers(Strict):
    """The measures of distinct users that DAU, WAU and MAU are added up from."""

    daily: Name
    weekly: Name
    monthly: Name


class Goal(Strict):
    """What one segment is after: its goal, what tells that it is met, and what stands in the way."""

    segment: Annotated[dict[Name, Text], Field(min_length=1, max_length=1)]
    goal: str = Field(max_length=500)
    success: Milestones = Field((), description="milestones that tell of success")
    blockers: tuple[Name, ...] = Field((), max_length=50, description="alerts that tell what stands in the way")


class Kpis(Strict):
    """Figures over all accounts per day, week and month: in total, by cohort, and by segments with listed values."""

    judged_after: Span = Field(30 * DAY_MS, description="how long after it began an account is judged by its rates")
    steps: Milestones = Field((), description="the steps of onboarding, in order")
    qualified: Name | None = Field(None, description="the milestone of a product-qualified lead, for `pql_rate`")
    paid: Name | None = Field(None, description="the milestone of having bought, for `conversion_to_paid`")
    active: ActiveUsers | None = None
    depth: Name | None = Field(None, description="the measure of different features used")
    resolution: Name | None = Field(None, description="the measure of the time that support takes to resolve")
    nps: Name | None = Field(None, description="the measure whose answers, 0 to 10, make the net promoter score")
    csat: Name | None = Field(None, description="the measure whose answers make customer satisfaction")
    goals: dict[Name, Goal] = Field(default_factory=dict, max_length=50)
