"""The rule in work: its document as the form has it, what it is called, and what a save is based on."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import streamlit as st

from apps.data.rule_author import rule_author
from apps.identity import person
from apps.services import services
from apps.snapshot import reader
from crm.services import segments as kept_segments
from crm.services import signals as kept
from crm.services.signals import RuleAuthor, RuleInfo
from crm.services.signals.checking import checked
from segments.errors import DefinitionError, Problem
from signals.definition import Rule, dump, parse

_DESK, _SERIAL = "_rule_desk", "_rule_serial"
EMPTY: Final[Mapping[str, Any]] = {
    "version": 1, "kind": "rules", "audience": {"kind": "everyone", "customer_type": "organisation"},
    "conditions": {"combinator": "and", "rules": [
        {"kind": "change", "measure": "voice_out_minutes", "direction": "fall", "against": "norm", "weeks": 4,
         "by_pct": 25, "at_least": 60},
    ]},
    "check": {"every": "week", "weekday": 1}, "priority": "medium", "action": {"kind": "inform"},
    "owner": {"kind": "manager"}, "cool_down_days": 28, "worsens_by_pct": 25, "closes": True,
    "limits": {"per_owner_a_day": 5, "a_day": None}, "outcome": {"kind": "churn", "within_days": 60},
}  # fmt: skip
SQL: Final = """select customer_id, debt_amount as value, debt_amount as severity
from customer_profiles_history
where month_end = (select max(month_end) from customer_profiles_history where month_end <= $day)
  and debt_amount > 1000000"""


@dataclass
class RuleDesk:
    """`key` is None for a rule that was never saved; `serial` grows with every document that is put on the desk, so
    that the fields of the form begin anew with it."""

    document: dict[str, Any]
    serial: int
    key: str | None = None
    base: int = 0
    saved: Mapping[str, Any] | None = None
    name: str = ""
    description: str = ""
    template: str = ""
    texts_saved: tuple[str, str] = field(default=("", ""))

    @property
    def is_changed(self) -> bool:
        """Whether there is something to save."""
        return self.saved is None or _plain(self.document) != _plain(self.saved) or self.texts_saved != (
            self.name, self.description,
        )  # fmt: skip


def desk() -> RuleDesk | None:
    """What is on the desk."""
    found: RuleDesk | None = st.session_state.get(_DESK)
    return found


def put_on_desk(document: Mapping[str, Any], **more: Any) -> RuleDesk:
    """Begin to work on a document; unsaved work before it is gone."""
    st.session_state[_SERIAL] = serial = int(st.session_state.get(_SERIAL, 0)) + 1
    st.session_state[_DESK] = made = RuleDesk(copy.deepcopy(dict(document)), serial, **more)
    return made


def of_info(info: RuleInfo) -> RuleDesk:
    """A kept rule on the desk."""
    return put_on_desk(
        info.document, key=info.key, base=info.revision, saved=copy.deepcopy(dict(info.document)), name=info.name,
        description=info.description, template=info.template, texts_saved=(info.name, info.description),
    )  # fmt: skip


def load_into(found: RuleDesk, document: Mapping[str, Any]) -> None:
    """Another document on the same desk: an older version."""
    st.session_state[_SERIAL] = found.serial = int(st.session_state.get(_SERIAL, 0)) + 1
    found.document = copy.deepcopy(dict(document))


def judged(document: Mapping[str, Any]) -> tuple[Rule | None, tuple[Problem, ...]]:
    """The rule of a document and what is wrong with it: its format, its measures, what it names, what its author sees.

    A document with the right format comes back as a rule even when it cannot be used."""
    try:
        rule = parse(document)
    except DefinitionError as error:
        return None, error.problems
    try:
        with services().database.read() as session:
            checked(session, document, author())
    except DefinitionError as error:
        return rule, error.problems
    return rule, ()


def author() -> RuleAuthor:
    """The person as an author of rules, with the rights of his own that changes are made by."""
    found = rule_author(reader())
    return replace(found, segments=replace(found.segments, rights=person().own_rights))


def information(key: str) -> RuleInfo:
    """The rule as the person may see it. Raises `CrmError`."""
    with services().database.read() as session:
        return kept.rule(session, person().rights, key)


def others() -> Mapping[str, Any]:
    """Definitions of segments that audiences may name."""
    with services().database.read() as session:
        return kept_segments.definitions(session)


def bare(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without the ids by which the form knows its conditions."""

    def node(found: Any) -> Any:
        if isinstance(found, Mapping):
            return {name: node(each) for name, each in found.items() if name != "id"}
        return [node(each) for each in found] if isinstance(found, list | tuple) else found

    made: dict[str, Any] = node(document)
    return made


def _plain(document: Mapping[str, Any]) -> Any:
    try:
        return dump(parse(bare(document)))
    except DefinitionError:
        return bare(document)
