"""What callers of the campaign routes send: bodies with their limits."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from apps.api.segment_forms import Body, Name, Reason, Text
from crm.services.campaigns.agency_files import PlanLine
from crm.services.campaigns.budgets import BudgetNeed
from crm.services.campaigns.values import Category, Kind, Kpi, Part

Form = dict[str, Any]
Key = Annotated[str, Field(max_length=80)]
Login = Annotated[str, Field(max_length=64)]
Channel = Annotated[str, Field(max_length=16)]
Money = Annotated[Decimal, Field(ge=0, max_digits=17, decimal_places=4)]
Count = Annotated[int, Field(ge=0, lt=2**31)]


class Fields(Body):
    """What a campaign is; what is left out stays as it is. Days, flow and size as null are emptied."""

    description: Text | None = None
    goal: Text | None = None
    customer_type: Literal["", "person", "organisation"] | None = None
    category: Category | None = None
    priority: Annotated[int, Field(ge=1, le=100)] | None = None
    audience: dict[str, Any] | None = None
    audience_size: Count | None = None
    flow: dict[str, Any] | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    responsible_login: Login | None = None

    def fields(self) -> dict[str, Any]:
        """What was given, as the services take it."""
        given = self.model_dump(exclude_unset=True, exclude={"base", "reason", "key"})
        emptied = {"flow", "starts_on", "ends_on", "audience_size"}
        return {name: value for name, value in given.items() if value is not None or name in emptied}


class NewCampaign(Fields):
    """A new campaign of the caller's."""

    name: Name
    kind: Kind
    key: Key = ""

    def fields(self) -> dict[str, Any]:
        """All but what has a place of its own."""
        return {name: value for name, value in super().fields().items() if name not in ("name", "kind")}


class Changes(Fields):
    """Changes of a campaign. `base` is the revision that the caller had before him."""

    base: int
    name: Name | None = None
    kind: Kind | None = None
    reason: Reason = ""


class Why(Body):
    """The reason of a change."""

    reason: Reason = ""


class WhyBased(Why):
    """The reason, and the revision that the caller had before him."""

    base: int | None = None


class Target(Body):
    """A figure to reach."""

    code: Annotated[str, Field(max_length=40)]
    name: Name
    unit: Annotated[str, Field(max_length=16)] = "count"
    target: float
    direction: Literal["at_least", "at_most"] = "at_least"

    def value(self) -> Kpi:
        """As the services take it."""
        return Kpi(self.code, self.name, self.unit, self.target, self.direction)


class Targets(Why):
    """All figures of a campaign in their order."""

    base: int
    kpis: Annotated[list[Target], Field(max_length=50)]


class Copied(Body):
    """Copying a campaign."""

    name: Name
    key: Key = ""
    starts_on: dt.date | None = None


class CommentBody(Body):
    """What somebody says about a part of a campaign, or a step of its flow."""

    text: Text
    part: Part = Part.CONCEPT
    node_id: Annotated[str, Field(max_length=40)] = ""


class Conclusion(Body):
    """What a campaign taught."""

    verdict: Literal["effective", "mixed", "ineffective", "unclear"]
    text: Text
    proposals: Text = ""
    figures: dict[str, Any] | None = None


class Agreement(Body):
    """Agreeing with the open step. `seen` is the hash (`fingerprint`) of the content that was looked at."""

    seen: Annotated[str, Field(min_length=64, max_length=64)]
    comment: Reason = ""


class Return(Body):
    """Sending a campaign back."""

    comment: Reason
    to: Literal["design", "concept"] = "design"


class Route(Body):
    """An approval route; `base` (its revision) for a change of one that is there."""

    name: Name
    condition: dict[str, Any]
    steps: list[dict[str, Any]]
    position: Annotated[int, Field(ge=0, le=10_000)] = 100
    is_active: bool = True
    base: int | None = None
    reason: Reason


class Need(Body):
    """What a channel needs in a month."""

    channel: Channel
    month: dt.date
    need: Money
    contacts: Count | None = None
    price: Money | None = None

    def value(self) -> BudgetNeed:
        """As the services take it."""
        return BudgetNeed(self.channel, self.month, self.need, self.contacts, self.price)


class Needs(Why):
    """All needs of a campaign."""

    base: int
    needs: Annotated[list[Need], Field(max_length=500)]


class Limit(Body):
    """How much may be set aside in a period; `channel` empty: on all together."""

    period_kind: Literal["month", "quarter", "year"]
    period_start: dt.date
    amount: Money
    channel: Channel = ""
    base: int | None = None
    reason: Reason


class Cost(Body):
    """What a unit of a channel costs from a day on."""

    channel: Channel
    price: Money
    valid_from: dt.date
    reason: Reason


class Invoice(Body):
    """An invoice for what was spent on a channel."""

    channel: Channel
    number: Annotated[str, Field(min_length=1, max_length=100)]
    amount: Money
    reason: Reason = ""


class NewTemplate(Body):
    """A new template: {language: {"text", "subject", "html"}}."""

    name: Name
    channel: Channel
    variants: dict[str, dict[str, str]]
    key: Key = ""
    category: Category = Category.MARKETING
    description: Text = ""


class TemplateChanges(Why):
    """What is given is changed."""

    base: int
    variants: dict[str, dict[str, str]] | None = None
    name: Name | None = None
    description: Text | None = None


class Policy(Body):
    """A version of the contact policy, in force from a day on."""

    document: dict[str, Any]
    valid_from: dt.date
    reason: Reason


class Placement(Body):
    """One line of a media plan."""

    code: Annotated[str, Field(max_length=40)]
    channel: Channel
    starts_on: dt.date
    ends_on: dt.date
    cost: Money
    format: Name = ""
    region_code: Annotated[str, Field(max_length=16)] = ""
    reach: Count | None = None
    price_model: Annotated[str, Field(max_length=16)] = "fixed"
    units: Count | None = None
    price: Money | None = None

    def value(self) -> PlanLine:
        """As the services take it."""
        return PlanLine(**self.model_dump())


class MediaPlan(Why):
    """All placements of a campaign."""

    base: int
    lines: Annotated[list[Placement], Field(max_length=2000)]
