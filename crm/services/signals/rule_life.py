"""A rule's life outside of its document: on trial, in use, paused, put away and brought back, handed over; lists."""

import datetime as dt

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Signal, SignalRule, SignalRuleVersion
from crm.services.accounts import required, user_by_id
from crm.services.actor import Actor, printable
from crm.services.signals.access import require_rule_view, viewed_rules
from crm.services.signals.events import add_event
from crm.services.signals.stored import locked_rule, newest_version, open_version, rule_info, rule_infos, version_info
from crm.services.signals.values import RuleInfo, RuleStatus, RuleVersion, State, VersionState
from crm.services.versioned import note, touch
from vitrina.access.rights import Rights
from vitrina.signal_options import SignalOptions


def put_in_shadow(session: Session, key: str, actor: Actor, now: dt.datetime, reason: str) -> RuleInfo:
    """Publish the open version on trial: it lives like one in use, but nobody is told of what it finds."""
    return _release(session, key, RuleStatus.SHADOW, actor, now, reason)


def put_live(
    session: Session, key: str, actor: Actor, now: dt.datetime, reason: str, *,
    options: SignalOptions | None = None,
) -> RuleInfo:  # fmt: skip
    """Publish the open version, if any, and use the rule. Raises `CrmError` when a replay is required first."""
    version = newest_version(session, key)
    if options is not None and options.replay_required and version.backtest is None:
        raise CrmError("rule_no_backtest")
    return _release(session, key, RuleStatus.LIVE, actor, now, reason)


def pause(session: Session, key: str, actor: Actor, now: dt.datetime, reason: str) -> RuleInfo:
    """Stop evaluating a rule; its signals stay as they are."""
    row = locked_rule(session, key)
    if row.status not in (RuleStatus.LIVE, RuleStatus.SHADOW):
        raise CrmError("rule_state", status=row.status)
    row.status = RuleStatus.PAUSED
    touch(row, actor, now)
    note(session, row, actor, now, "rule_paused", required(reason))
    return rule_info(session, key)


def archive_rule(session: Session, key: str, actor: Actor, now: dt.datetime, reason: str) -> RuleInfo:
    """Put a rule away; its signals that nobody decided on are closed."""
    row = locked_rule(session, key)
    row.status = RuleStatus.ARCHIVED
    closed = _close_all(session, row, actor, now)
    touch(row, actor, now)
    note(session, row, actor, now, "rule_archived", required(reason), closed=closed)
    return rule_info(session, key)


def bring_rule_back(session: Session, key: str, actor: Actor, now: dt.datetime, reason: str) -> RuleInfo:
    """Take a rule out of the archive, paused or as the draft that it was."""
    row = session.get(SignalRule, key, with_for_update=True, populate_existing=True)
    if row is None or row.status != RuleStatus.ARCHIVED:
        raise CrmError("rule_unknown", rule=key[:80])
    row.status = RuleStatus.DRAFT if row.published is None else RuleStatus.PAUSED
    touch(row, actor, now)
    note(session, row, actor, now, "rule_brought_back", required(reason))
    return rule_info(session, key)


def hand_rule_over(session: Session, key: str, owner_id: int, actor: Actor, now: dt.datetime, reason: str) -> RuleInfo:
    """Give a rule to another owner."""
    row, owner = locked_rule(session, key), user_by_id(session, owner_id)
    before, row.owner_id = row.owner_id, owner.user_id
    note(session, row, actor, now, "rule_owner", required(reason), before=before, owner=owner.user_id)
    return rule_info(session, key)


def rules(
    session: Session, rights: Rights | None, *, status: RuleStatus | None = None, text: str = "",
    archived: bool = False,
) -> list[RuleInfo]:  # fmt: skip
    """Rules that a person sees, by name; those in the archive alone when they are asked for."""
    query = select(SignalRule).where(viewed_rules(session, rights)).order_by(SignalRule.name, SignalRule.key)
    if archived:
        query = query.where(SignalRule.status == RuleStatus.ARCHIVED)
    else:
        query = query.where(SignalRule.status != RuleStatus.ARCHIVED)
    if status is not None:
        query = query.where(SignalRule.status == status)
    if text.strip():
        like = f"%{text.strip().lower()}%"
        query = query.where(or_(SignalRule.name.icontains(text.strip()), SignalRule.key.like(like)))
    return rule_infos(session, session.scalars(query))


def rule(session: Session, rights: Rights | None, key: str) -> RuleInfo:
    """One rule that a person sees. Raises `CrmError`."""
    require_rule_view(session, rights, key)
    return rule_info(session, key)


def rule_versions(session: Session, key: str) -> list[RuleVersion]:
    """All versions, newest first."""
    query = select(SignalRuleVersion).where(SignalRuleVersion.rule_key == key)
    return [version_info(row) for row in session.scalars(query.order_by(SignalRuleVersion.number.desc()))]


def rule_version(session: Session, key: str, number: int | None = None) -> RuleVersion:
    """One version, the newest unless it is named. Raises `CrmError`."""
    if number is None:
        return version_info(newest_version(session, key))
    row = session.get(SignalRuleVersion, (key, number))
    if row is None:
        raise CrmError("rule_version_unknown", version=number)
    return version_info(row)


def _release(session: Session, key: str, status: RuleStatus, actor: Actor, now: dt.datetime, reason: str) -> RuleInfo:
    row, why = locked_rule(session, key), required(reason)
    opened = open_version(session, key)
    if opened is None and row.status == status:
        raise CrmError("rule_state", status=status)
    if opened is not None:
        opened.state = VersionState.PUBLISHED
        opened.published_at, opened.published_by = now, printable(actor.login, 64)
        row.published = opened.number
    if row.status not in (RuleStatus.LIVE, RuleStatus.SHADOW):
        row.is_starting = True
    before, row.status = row.status, status
    touch(row, actor, now)
    note(session, row, actor, now, f"rule_{status}", why, version=row.published, before=before)
    return rule_info(session, key)


def _close_all(session: Session, row: SignalRule, actor: Actor, now: dt.datetime) -> int:
    waiting = (State.OPEN, State.SEEN, State.SNOOZED)
    found = session.scalars(
        select(Signal).where(Signal.rule_key == row.key, Signal.state.in_(waiting)).with_for_update()
    ).all()
    for each in found:
        each.state, each.closed_at, each.closed_why = State.CLOSED, now, "rule_archived"
        add_event(session, each, "closed", actor, now, "rule_archived")
    return len(found)
