"""Whether an approved campaign may start: what it stands on is there and alive. All that is missing is told at once."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.orm import Session

from campaigns.flow import parse
from campaigns.flow.nodes import Fallback, Message
from crm.campaign_run_messages import READINESS
from crm.errors import CrmError
from crm.models import Segment
from crm.services.campaigns import budgets, costs, templates
from crm.services.campaigns.clock import local_day
from crm.services.campaigns.completeness import LANGUAGES
from crm.services.campaigns.flow_reading import named_segments, used
from crm.services.campaigns.policies import policy_in_force
from crm.services.campaigns.values import Runnable
from crm.services.segments.values import Status
from segments.errors import DefinitionError, Problem


def problems(session: Session, runnable: Runnable, channels: Collection[str], now: dt.datetime) -> list[Problem]:
    """What keeps the campaign from starting. That its content is the approved one is proved with `runnable`."""
    document, day = runnable.document, local_day(now)
    found = [*_dates(document, day), *_segments(session, document)]
    try:
        policy_in_force(session, day)
    except CrmError as error:
        found.append(Problem(("policy",), error.message, dict(error.values)))
    found += _texts(session, runnable)
    needed = used(document.get("flow")).channels
    for channel in sorted(needed - frozenset(channels)):
        found.append(Problem(("channels", channel), READINESS["channel"], {"channel": channel}))
    found += _money(session, runnable, needed, day)
    return found


def definition_of(audience: Mapping[str, Any], documents: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The document of an audience: that of its segment, or its own conditions. Raises `DefinitionError`."""
    key = audience.get("segment")
    if isinstance(key, str):
        if key not in documents:
            raise DefinitionError([Problem(("audience", "segment"), READINESS["segment"], {"segment": key})])
        return documents[key]
    return {"version": 1, "kind": "rules", "root": audience.get("definition")}


def _dates(document: Mapping[str, Any], day: dt.date) -> list[Problem]:
    first = document.get("dates", {}).get("starts_on")
    if first is not None and day < dt.date.fromisoformat(first):
        return [Problem(("dates", "starts_on"), READINESS["early"], {"day": first})]
    return []


def _segments(session: Session, document: Mapping[str, Any]) -> list[Problem]:
    audience = document.get("audience", {})
    keys = set(named_segments(audience.get("definition"))) | used(document.get("flow")).segments
    keys |= {audience["segment"]} if isinstance(audience.get("segment"), str) else set()
    found = []
    for key in sorted(keys):
        row = session.get(Segment, key)
        if row is None or row.published is None or row.status == Status.ARCHIVED:
            found.append(Problem(("audience", "segment"), READINESS["segment"], {"segment": key}))
        elif row.held:
            found.append(Problem(("audience", "segment"), READINESS["held"], {"segment": row.name}))
    return found


def _texts(session: Session, runnable: Runnable) -> list[Problem]:
    texts = templates.texts_of_campaign(session, runnable.key)
    found = []
    for node in parse(runnable.document["flow"]).nodes:
        steps = node.data.steps if isinstance(node.data, Fallback) else (node.data,)
        for step in steps:
            if isinstance(node.data, Fallback | Message):
                key = step.template  # type: ignore[union-attr]
                lacking = [each for each in LANGUAGES if key not in texts or each not in texts[key].variants]
                if lacking:
                    values = {"template": key, "languages": ", ".join(lacking)}
                    found.append(Problem(("nodes", node.id, "template"), READINESS["text"], values))
    return found


def _money(session: Session, runnable: Runnable, needed: Collection[str], day: dt.date) -> list[Problem]:
    """Channels that cost something have money set aside that is not spent yet."""
    prices, lines = costs.prices(session, day), budgets.budget(session, runnable.key)
    found = []
    for channel in sorted(needed):
        if prices.get(channel, 0) <= 0:
            continue
        free = sum(line.reserved - line.committed - line.spent for line in lines if line.channel == channel)
        if free <= 0:
            found.append(Problem(("budget", channel), READINESS["money"], {"channel": channel}))
    return found
