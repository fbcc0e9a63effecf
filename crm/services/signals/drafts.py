"""Writing rules: a new one, changes of its open version, an old version brought back. Nothing in use changes."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import RULE_KEYS, one_at_a_time
from crm.errors import CrmError
from crm.models import SignalRule, SignalRuleVersion
from crm.services.actor import Actor, printable
from crm.services.segments.keys import checked_key, new_key
from crm.services.signals.checking import RuleAuthor, checked
from crm.services.signals.stored import locked_rule, newest_version, open_version, rule_info
from crm.services.signals.values import RuleInfo, RuleStatus, VersionState
from crm.services.versioned import lines, named, note, rewrite, set_given, touch
from signals.definition import Rule, dump, fingerprint


def create_rule(
    session: Session, name: str, document: Mapping[str, Any] | str, actor: Actor, now: dt.datetime, *,
    author: RuleAuthor, description: str = "", key: str = "", owner_id: int | None = None, template: str = "",
) -> RuleInfo:  # fmt: skip
    """A new rule of the actor's (or of `owner_id`), as version 1 in draft. Its key is made of the name unless given.

    Raises `CrmError`, and `DefinitionError` for a document that cannot be used.
    """
    one_at_a_time(session, RULE_KEYS)
    title = named(name)
    taken = set(session.scalars(select(SignalRule.key)))
    if key and checked_key(key) in taken:
        raise CrmError("rule_key_taken", key=key)
    rule = checked(session, document, author)
    row = SignalRule(
        key=key or new_key(title, taken, "rule"), name=title, description=lines(description),
        template=printable(template, 80), owner_id=actor.user_id if owner_id is None else owner_id,
        status=RuleStatus.DRAFT, published=None, revision=1, is_starting=True, evaluated_until=None, created_at=now,
        updated_at=now, updated_by=printable(actor.login, 64),
    )  # fmt: skip
    session.add(row)
    session.flush()
    version = _add_version(session, row, rule, actor, now)
    note(session, row, actor, now, "rule_created", version=version.number, fingerprint=version.fingerprint)
    return rule_info(session, row.key)


def save_rule(
    session: Session, key: str, actor: Actor, now: dt.datetime, *, base: int, author: RuleAuthor | None = None,
    document: Mapping[str, Any] | str | None = None, name: str | None = None, description: str | None = None,
    reason: str = "",
) -> RuleInfo:  # fmt: skip
    """Change what is given, based on the revision that the writer had before him.

    A changed document goes into the open version; after a publication it begins the next one. Raises `CrmError` when
    somebody saved in the meantime: then nothing is changed.
    """
    row = _based_on(session, key, base)
    changed, details = _texts_changed(row, name, description), dict[str, Any]()
    if document is not None:
        if author is None:
            raise ValueError("a rule is saved on behalf of an author")
        rule, present = checked(session, document, author), newest_version(session, key)
        if dump(rule) != present.document:
            details = _written(session, row, present, rule, actor, now, reason)
            changed.append("document")
    if changed:
        touch(row, actor, now)
        note(session, row, actor, now, "rule_saved", reason, fields=changed, **details)
    return rule_info(session, key)


def restore_rule(
    session: Session, key: str, number: int, actor: Actor, now: dt.datetime, *, base: int, author: RuleAuthor,
    reason: str = "",
) -> RuleInfo:  # fmt: skip
    """Bring an old version back as the next draft; an open one before it is kept as it is, below it."""
    row = _based_on(session, key, base)
    older = session.get(SignalRuleVersion, (key, number))
    if older is None:
        raise CrmError("rule_version_unknown", version=number)
    rule = checked(session, older.document, author)
    version = _add_version(session, row, rule, actor, now, reason, older.number)
    touch(row, actor, now)
    note(session, row, actor, now, "version_restored", reason, restored=number, version=version.number)
    return rule_info(session, key)


def record_backtest(
    session: Session, key: str, number: int, figures: Mapping[str, Any], fingerprint_: str, actor: Actor,
    now: dt.datetime,
) -> RuleInfo:  # fmt: skip
    """Keep the figures of a replay with the version that was replayed. Raises `CrmError` when it changed meanwhile."""
    row = locked_rule(session, key)
    version = session.get(SignalRuleVersion, (key, number))
    if version is None:
        raise CrmError("rule_version_unknown", version=number)
    if version.fingerprint != fingerprint_:
        raise CrmError("rule_changed", login=version.author_login)
    version.backtest, version.backtest_at = dict(figures), now
    note(session, row, actor, now, "rule_replayed", version=number, fingerprint=fingerprint_)
    return rule_info(session, key)


def _based_on(session: Session, key: str, base: int) -> SignalRule:
    row = locked_rule(session, key)
    if row.revision != base:
        raise CrmError("rule_changed", login=row.updated_by)
    return row


def _texts_changed(row: SignalRule, name: str | None, description: str | None) -> list[str]:
    wanted = {
        "name": None if name is None else named(name),
        "description": None if description is None else lines(description),
    }
    return set_given(row, wanted)


def _written(
    session: Session, row: SignalRule, present: SignalRuleVersion, rule: Rule, actor: Actor, now: dt.datetime,
    reason: str,
) -> dict[str, Any]:  # fmt: skip
    before, version = present.fingerprint, open_version(session, row.key)
    if version is None:
        version = _add_version(session, row, rule, actor, now, reason)
    else:
        rewrite(version, dump(rule), fingerprint(rule), actor, now, reason)
        # Figures of a replay are of the document that was replayed.
        version.backtest = version.backtest_at = None
    return {"version": version.number, "from": before, "to": version.fingerprint}


def _add_version(
    session: Session, row: SignalRule, rule: Rule, actor: Actor, now: dt.datetime, reason: str = "",
    restored_from: int | None = None,
) -> SignalRuleVersion:  # fmt: skip
    query = select(SignalRuleVersion.number).where(SignalRuleVersion.rule_key == row.key)
    login = printable(actor.login, 64)
    version = SignalRuleVersion(
        rule_key=row.key, number=max(session.scalars(query), default=0) + 1, document=dump(rule),
        fingerprint=fingerprint(rule), state=VersionState.DRAFT, author_id=actor.user_id, author_login=login,
        editors=[login], reason=printable(reason, 2000), at=now, restored_from=restored_from,
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version
