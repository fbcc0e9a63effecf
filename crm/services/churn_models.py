"""What people set for the models of churn and value: definitions by type of customer, and promotions of models."""

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import ChurnDefinition, ModelPromotion
from crm.services.actor import Actor, printable
from crm.services.audit import AuditKind, Entry, record
from vitrina.models.definitions import CUSTOMER_TYPES, Definition, Promotion, Wishes, WrongDefinition

_PARTS = tuple(asdict(Definition()))


@dataclass(frozen=True)
class DefinitionInfo:
    """A definition in force; `revision` 0 is the one that the product is delivered with."""

    customer_type: str
    definition: Definition
    revision: int = 0
    updated_at: dt.datetime | None = None
    updated_by: str = ""
    reason: str = ""


def definitions(session: Session) -> dict[str, DefinitionInfo]:
    """What churn means, by type of customers."""
    known = {row.customer_type: _info(row) for row in session.scalars(select(ChurnDefinition))}
    return {kind: known.get(kind, DefinitionInfo(kind, Definition())) for kind in CUSTOMER_TYPES}


def set_definition(
    session: Session, customer_type: str, values: dict[str, int], based_on: int, actor: Actor, now: dt.datetime,
    reason: str,
) -> DefinitionInfo:  # fmt: skip
    """Change what churn means from the next run on, which labels the past anew and trains anew.

    `based_on` is the revision that the change was made from. Raises `CrmError`.
    """
    if customer_type not in CUSTOMER_TYPES:
        raise CrmError("churn_type", customer_type=printable(customer_type, 40))
    reason = _required(reason)
    wanted = _definition(values)
    row = session.get(ChurnDefinition, customer_type, with_for_update=True)
    if (row.revision if row else 0) != based_on:
        raise CrmError("churn_changed", login=row.updated_by if row else "")
    before = _info(row).definition if row else Definition()
    if wanted == before:
        return definitions(session)[customer_type]
    if row is None:
        row = ChurnDefinition(customer_type=customer_type, revision=0)
        session.add(row)
    for part in _PARTS:
        setattr(row, part, getattr(wanted, part))
    row.revision, row.updated_at, row.updated_by, row.reason = based_on + 1, now, actor.login, reason
    session.flush()
    changed = {part: [getattr(before, part), getattr(wanted, part)] for part in _PARTS}
    details = {part: values for part, values in changed.items() if values[0] != values[1]}
    record(session, actor, Entry(AuditKind.DATA_CHANGED, "models", customer_type, (), reason, details), now)
    return _info(row)


def promote(
    session: Session, customer_type: str, version: str, known: Collection[str], actor: Actor, now: dt.datetime,
    reason: str,
) -> None:  # fmt: skip
    """Make one of the `known` versions the champion of its type from the next run on. Raises `CrmError`."""
    if customer_type not in CUSTOMER_TYPES:
        raise CrmError("churn_type", customer_type=printable(customer_type, 40))
    if version not in known:
        raise CrmError("model_version", version=printable(version, 64))
    reason = _required(reason)
    session.add(
        ModelPromotion(customer_type=customer_type, version=version, login=actor.login, at=now, reason=reason)
    )  # fmt: skip
    session.flush()
    details = {"version": version, "change": "promote"}
    record(session, actor, Entry(AuditKind.DATA_CHANGED, "models", customer_type, (), reason, details), now)


def promotions(session: Session) -> dict[str, Promotion]:
    """The latest promotion by a person, by type of customers."""
    rows = session.scalars(select(ModelPromotion).order_by(ModelPromotion.promotion_id))
    return {row.customer_type: Promotion(row.version, row.login, row.at.isoformat(), row.reason) for row in rows}


def wishes(session: Session) -> Wishes:
    """Everything that a run has to know."""
    told = {kind: each.definition for kind, each in definitions(session).items()}
    return Wishes(told, tuple(promotions(session).values()))


def _definition(values: dict[str, int]) -> Definition:
    try:
        return Definition(**{part: values[part] for part in _PARTS if part in values})
    except WrongDefinition as error:
        raise CrmError("churn_part", part=error.part, low=error.low, high=error.high) from None


def _required(reason: str) -> str:
    if not reason.strip():
        raise CrmError("reason_missing")
    return printable(reason.strip(), 2000)


def _info(row: ChurnDefinition) -> DefinitionInfo:
    told = Definition(**{part: getattr(row, part) for part in _PARTS})
    return DefinitionInfo(row.customer_type, told, row.revision, row.updated_at, row.updated_by, row.reason)
