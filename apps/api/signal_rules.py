"""Signal rules by HTTP: documents, versions, trial, use, archive. The format of a rule is docs/signal_engine.md's."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from apps.api.access import Client, Known
from apps.api.segment_access import Change
from apps.api.segment_forms import Body, Name, Reason, Text, plain
from apps.api.signal_access import changing, looking
from apps.data.rule_author import rule_author
from crm.services import signals
from crm.services.signals import RuleAuthor, RuleInfo, RuleStatus
from vitrina.access.looks import Purpose

router = APIRouter(tags=["signal rules"])
SUBJECT, SCOPE = "signal_rules", "signals"
Form = dict[str, Any]
Document = Annotated[dict[str, Any], Field(description="A rule.")]


class NewRule(Body):
    """A new rule of the caller's, as a draft."""

    name: Name
    rule: Document
    description: Text = ""
    key: Annotated[str, Field(max_length=80)] = ""


class Changes(Body):
    """What is given is changed. `base` is the revision that the caller had before him."""

    base: int
    rule: Document | None = None
    name: Name | None = None
    description: Text | None = None
    reason: Reason = ""


class Restored(Body):
    """Bringing an old version back, based on a revision."""

    base: int
    reason: Reason = ""


class Why(Body):
    """The reason of a change, for the audit log."""

    reason: Reason


@router.get("/signal-rules")
def listed(
    client: Known, status: RuleStatus | None = None, text: Annotated[str, Query(max_length=200)] = "",
    archived: bool = False,
) -> list[Form]:  # fmt: skip
    """Rules that you see, by name."""
    looking(client, SUBJECT, SCOPE)
    with client.services.database.read() as session:
        return [
            plain(each) for each in signals.rules(session, client.rights, status=status, text=text, archived=archived)
        ]


@router.post("/signal-rules", status_code=201)
def create(client: Known, body: NewRule) -> Form:
    """A new rule of yours, as a draft."""
    who = _writer(client)
    with changing(client, SUBJECT, scope=SCOPE) as change:
        made = signals.create_rule(
            change.session, body.name, body.rule, change.actor, change.now, author=who, description=body.description,
            key=body.key,
        )  # fmt: skip
        return plain(made)  # type: ignore[no-any-return]


@router.get("/signal-rules/{key}")
def one(client: Known, key: str) -> Form:
    """A rule with its newest document; `revision` is what a change is based on."""
    looking(client, SUBJECT, SCOPE)
    with client.services.database.read() as session:
        found = signals.rule(session, client.rights, key)
        may = {
            "may_edit": signals.may_edit_rule(session, client.rights, key),
            "may_release": signals.may_release_rule(session, client.rights, key),
        }
    return {**plain(found), **may}


@router.patch("/signal-rules/{key}")
def update(client: Known, key: str, body: Changes) -> Form:
    """Change a rule's draft, name or description. 409 when somebody saved since your `base`."""
    who = _writer(client) if body.rule is not None else None
    with changing(client, SUBJECT, scope=SCOPE) as change:
        signals.require_rule_edit(change.session, client.rights, key)
        saved = signals.save_rule(
            change.session, key, change.actor, change.now, base=body.base, author=who, document=body.rule,
            name=body.name, description=body.description, reason=body.reason,
        )  # fmt: skip
        return plain(saved)  # type: ignore[no-any-return]


@router.get("/signal-rules/{key}/versions")
def versions(client: Known, key: str) -> list[Form]:
    """Every version with its document and the figures of its replay, newest first."""
    looking(client, SUBJECT, SCOPE)
    with client.services.database.read() as session:
        signals.require_rule_view(session, client.rights, key)
        return [plain(each) for each in signals.rule_versions(session, key)]


@router.post("/signal-rules/{key}/versions/{number}/restore")
def restore(client: Known, key: str, number: int, body: Restored) -> Form:
    """An old version as the next draft."""
    who = _writer(client)
    with changing(client, SUBJECT, scope=SCOPE) as change:
        signals.require_rule_edit(change.session, client.rights, key)
        restored = signals.restore_rule(
            change.session, key, number, change.actor, change.now, base=body.base, author=who, reason=body.reason
        )
        return plain(restored)  # type: ignore[no-any-return]


@router.post("/signal-rules/{key}/trial")
def trial(client: Known, key: str, body: Why) -> Form:
    """Put a rule on trial: nobody is told of what it finds."""
    return _released(client, key, lambda change: signals.put_in_shadow(
        change.session, key, change.actor, change.now, body.reason))  # fmt: skip


@router.post("/signal-rules/{key}/live")
def live(client: Known, key: str, body: Why) -> Form:
    """Publish the draft and use the rule."""
    options = client.services.settings.signals
    return _released(client, key, lambda change: signals.put_live(
        change.session, key, change.actor, change.now, body.reason, options=options))  # fmt: skip


@router.post("/signal-rules/{key}/pause")
def pause(client: Known, key: str, body: Why) -> Form:
    """Stop evaluating a rule; its signals stay."""
    return _released(client, key, lambda change: signals.pause(
        change.session, key, change.actor, change.now, body.reason))  # fmt: skip


@router.post("/signal-rules/{key}/archive")
def archive(client: Known, key: str, body: Why) -> Form:
    """Put a rule away; signals that nobody decided on are closed."""
    return _released(client, key, lambda change: signals.archive_rule(
        change.session, key, change.actor, change.now, body.reason))  # fmt: skip


@router.post("/signal-rules/{key}/bring-back")
def bring_back(client: Known, key: str, body: Why) -> Form:
    """Take a rule out of the archive."""
    return _released(client, key, lambda change: signals.bring_rule_back(
        change.session, key, change.actor, change.now, body.reason))  # fmt: skip


def _writer(client: Client) -> RuleAuthor:
    """The caller as an author; made before a change begins, since the gate writes refusals down itself and SQLite has
    one writer at a time."""
    looking(client, SUBJECT, SCOPE)
    return rule_author(client.reader(Purpose.API))


def _released(client: Client, key: str, act: Callable[[Change], RuleInfo]) -> Form:
    """A change of a rule's state, which takes the right to administer rules."""
    with changing(client, SUBJECT, "administer", SCOPE) as change:
        signals.require_rule_release(change.session, client.rights, key)
        return plain(act(change))  # type: ignore[no-any-return]
