"""Bonus schemes with their versions: which one holds on a day, and the next one."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.database import PERFORMANCE_PLANS, one_at_a_time
from crm.errors import CrmError
from crm.models import BonusScheme
from crm.services.accounts import required
from crm.services.actor import Actor, printable
from crm.services.audit import AuditKind, Entry, record
from crm.services.performance.bonus import Scheme
from crm.services.performance.scheme_reading import dump_scheme, read_scheme


@dataclass(frozen=True)
class SchemeVersion:
    """A version of a scheme: it holds from `valid_from` until the next one of its key begins."""

    key: str
    number: int
    name: str
    valid_from: dt.date
    scheme: Scheme
    document: Mapping[str, Any]
    author_login: str
    reason: str
    at: dt.datetime


def save_scheme(
    session: Session, key: str, name: str, valid_from: dt.date, document: Any, actor: Actor, now: dt.datetime,
    reason: str, kpis: frozenset[str],
) -> SchemeVersion:  # fmt: skip
    """The next version of a scheme (the first makes it). It may not begin before the one before it.

    Raises `DefinitionError` for a document that cannot be used, `CrmError` for the rest.
    """
    one_at_a_time(session, PERFORMANCE_PLANS)
    title, why = printable(name.strip(), 200), required(reason)
    if not title or not key or not key.replace("-", "").isalnum() or len(key) > 80:
        raise CrmError("scheme_name")
    scheme = read_scheme(document, kpis)
    query = select(func.max(BonusScheme.number), func.max(BonusScheme.valid_from)).where(BonusScheme.key == key)
    number, latest = session.execute(query).one()
    if latest is not None and valid_from < latest:
        raise CrmError("scheme_dates", day=f"{latest:%d.%m.%Y}")
    row = BonusScheme(
        key=key, number=(number or 0) + 1, name=title, valid_from=valid_from, document=dump_scheme(scheme),
        author_login=printable(actor.login, 64), reason=printable(why, 2000), at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    details = {"what": "scheme_saved", "version": row.number, "valid_from": str(valid_from)}
    record(session, actor, Entry(AuditKind.DATA_CHANGED, "kpis", f"scheme {key}", (), why, details), now)
    return _info(row, frozenset(part.kpi for part in scheme.parts))


def scheme_versions(session: Session, kpis: Iterable[str]) -> list[SchemeVersion]:
    """Every version of every scheme, the latest first; those of indicators that are no more are left out."""
    known = frozenset(kpis)
    rows = session.scalars(select(BonusScheme).order_by(BonusScheme.key, BonusScheme.number.desc()))
    return [
        _info(row, known) for row in rows if {each["kpi"] for each in row.document["kpis"]} <= known
    ]  # fmt: skip


def scheme_for(
    versions: Iterable[SchemeVersion], position: str, day: dt.date, period_kind: str
) -> SchemeVersion | None:
    """The scheme that holds for a position on a day: of each key its last version by then, and of several the one that
    began last."""
    newest: dict[str, SchemeVersion] = {}
    for each in sorted(versions, key=lambda each: (each.key, each.number)):
        if each.valid_from <= day:
            newest[each.key] = each
    fitting = [
        each
        for each in newest.values()
        if each.scheme.period_kind == period_kind and (not each.scheme.positions or position in each.scheme.positions)
    ]
    return max(fitting, key=lambda each: (bool(each.scheme.positions), each.valid_from, each.key), default=None)


def _info(row: BonusScheme, kpis: frozenset[str]) -> SchemeVersion:
    return SchemeVersion(
        row.key, row.number, row.name, row.valid_from, read_scheme(row.document, kpis), dict(row.document),
        row.author_login, row.reason, row.at,
    )  # fmt: skip
