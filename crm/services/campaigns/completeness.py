"""What a campaign still lacks on its way to an approval, each at its part."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.flow import Known, check, parse
from crm.campaign_messages import MISSING
from crm.models import (
    Campaign,
    CampaignBudgetLine,
    CampaignKpi,
    Department,
    MediaPlanLine,
    MessageTemplate,
    MessageTemplateVersion,
    Segment,
    SignalRule,
)
from crm.services.campaigns.costs import prices
from crm.services.campaigns.flow_reading import named_segments, used
from crm.services.campaigns.values import Kind
from segments.errors import DefinitionError, Problem

# Every text is needed in the languages that customers are written to.
LANGUAGES = ("ru", "uz")


def missing(session: Session, row: Campaign) -> Iterator[Problem]:
    """All that keeps approval from being asked for."""
    yield from concept_missing(session, row)
    media = session.scalars(select(MediaPlanLine).where(MediaPlanLine.campaign_id == row.campaign_id)).all()
    if row.kind == Kind.MASS:
        if not media:
            yield Problem(("media_plan",), MISSING["media_plan"])
    else:
        yield from _audience_missing(session, row)
        if not (row.flow or {}).get("nodes"):
            yield Problem(("flow",), MISSING["flow"])
    if (row.flow or {}).get("nodes"):
        yield from flow_problems(session, row)
    yield from _budget_missing(session, row, {line.channel for line in media if line.cost > 0})


def _budget_missing(session: Session, row: Campaign, bought: set[str]) -> Iterator[Problem]:
    """Channels that cost money and have none: every message on them would be refused later."""
    lines = select(CampaignBudgetLine.channel).where(
        CampaignBudgetLine.campaign_id == row.campaign_id, CampaignBudgetLine.need > Decimal(0)
    )
    planned = set(session.scalars(lines))
    for channel in sorted(bought - planned):
        yield Problem(("budget", channel), MISSING["budget"], {"channel": channel})
    priced = prices(session, row.starts_on) if row.starts_on else {}
    for channel in sorted(used(row.flow).channels - planned - bought):
        if priced.get(channel, 0) > 0:
            yield Problem(("budget", channel), MISSING["budget_flow"], {"channel": channel})


def concept_missing(session: Session, row: Campaign) -> Iterator[Problem]:
    """What the concept lacks."""
    if not row.goal:
        yield Problem(("goal",), MISSING["goal"])
    if row.starts_on is None or row.ends_on is None:
        yield Problem(("dates",), MISSING["dates"])
    if not row.responsible_login:
        yield Problem(("responsible",), MISSING["responsible"])
    if session.scalar(select(CampaignKpi.code).where(CampaignKpi.campaign_id == row.campaign_id).limit(1)) is None:
        yield Problem(("kpis",), MISSING["kpis"])


def flow_problems(session: Session, row: Campaign) -> Iterator[Problem]:
    """What keeps the flow from running, at its nodes; texts, segments, rules and departments that it names included."""
    try:
        flow = parse(row.flow or {})
    except DefinitionError as error:
        yield from error.problems
        return
    yield from check(flow, _known(session, row))


def _audience_missing(session: Session, row: Campaign) -> Iterator[Problem]:
    if not row.audience:
        yield Problem(("audience",), MISSING["audience"])
        return
    named = named_segments(row.audience.get("definition"))
    named |= {row.audience["segment"]} if "segment" in row.audience else set()
    for key in sorted(named):
        segment = session.get(Segment, key)
        if segment is None or segment.published is None:
            yield Problem(("audience", "segment"), MISSING["segment"], {"segment": key})


def _known(session: Session, row: Campaign) -> Known:
    """What is there and published: a draft cannot be sent."""
    both = (MessageTemplateVersion.template_key == MessageTemplate.key) & (
        MessageTemplateVersion.number == MessageTemplate.published
    )
    query = select(MessageTemplate, MessageTemplateVersion).join(MessageTemplateVersion, both)
    wanted = query.where(MessageTemplate.key.in_(used(row.flow).templates), MessageTemplate.archived_at.is_(None))
    texts = {
        (template.key, template.channel): set(version.document["variants"])
        for template, version in session.execute(wanted).tuples()
    }
    return Known(
        templates=texts,
        languages=LANGUAGES,
        segments=set(session.scalars(select(Segment.key).where(Segment.published.is_not(None)))),
        rules=set(session.scalars(select(SignalRule.key).where(SignalRule.published.is_not(None)))),
        departments=set(session.scalars(select(Department.department_id).where(Department.is_active.is_(True)))),
    )
