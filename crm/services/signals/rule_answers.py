"""How the signals of rules are answered: what the last run raised of each, and what part was decided on."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from crm.models import Signal, SignalRule
from crm.services.signals.access import reach
from vitrina.access.rights import Rights


@dataclass(frozen=True)
class RuleAnswers:
    """`last` were raised (or raised again) on the last day that the rule was held against; `raised`, `decided` and
    `reacted` are those since the day asked about."""

    last: int
    raised: int
    decided: int
    reacted: int


def rule_answers(session: Session, rights: Rights | None, since: dt.date) -> dict[str, RuleAnswers]:
    """By rule, of the signals that a person sees; rules without any are left out."""
    recent = Signal.last_day >= since
    query = (
        select(
            Signal.rule_key,
            func.sum(case((Signal.last_day == SignalRule.evaluated_until, 1), else_=0)),
            func.sum(case((recent, 1), else_=0)),
            func.sum(case((and_(recent, Signal.decision != ""), 1), else_=0)),
            func.sum(case((and_(recent, Signal.decision == "reacted"), 1), else_=0)),
        )
        .join(SignalRule, SignalRule.key == Signal.rule_key)
        .where(Signal.is_shadow.is_(False), reach(rights).viewed.signals())
        .group_by(Signal.rule_key)
    )
    rows = session.execute(query).tuples()
    return {key: RuleAnswers(int(last or 0), int(raised or 0), int(decided or 0), int(reacted or 0))
            for key, last, raised, decided, reacted in rows}  # fmt: skip
