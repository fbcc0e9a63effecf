"""What the parts of a segment's page share: asking safely, changing safely, and small pieces of display."""

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from apps import actions
from apps.data.segments import Bench
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace.bench import Desk, ready
from apps.segment_workspace.places import mended, said
from apps.services import services
from apps.ui.layout import escape, told
from crm.services import segments as kept
from crm.services.segments import SegmentInfo
from segments.definition import Definition
from segments.errors import DefinitionError, Problem
from vitrina.errors import UserError


def settled(found: Desk) -> tuple[Definition, Bench] | None:
    """The definition on the desk when questions may be asked about it; else what is in the way is told."""
    try:
        return ready(found)
    except DefinitionError as error:
        st.caption(t("The conditions cannot be used yet:"))
        show_problems(error.problems)
    except UserError as error:
        st.error(told(error))
    return None


def show_problems(problems: Iterable[Problem], icon: str = "error") -> None:
    """Problems as a list, each with its mend."""
    lines = (" ".join(filter(None, (said(problem), mended(problem)))) for problem in problems)
    for line in dict.fromkeys(lines):
        st.markdown(f":material/{icon}: {escape(line)}")


def attempt(change: Callable[[], str | None], *, rerun: bool = True) -> bool:
    """Make a change; tell what came of it, also when the definition itself is refused."""
    try:
        return actions.attempt(change, rerun=rerun)
    except DefinitionError as error:
        show_problems(error.problems)
        return False


def changed(key: str, change: Callable[..., Any]) -> Any:
    """Make a change of a segment that the person may edit: `change(session, actor, now)`."""
    with actions.changing("segments", "edit") as (session, actor, now):
        kept.require_edit(session, person().own_rights, key)
        return change(session, actor, now)


def information(key: str) -> SegmentInfo:
    """The segment as the person may see it. Raises `CrmError`."""
    with services().database.read() as session:
        return kept.segment(session, person().rights, key)


def may_edit(key: str | None) -> bool:
    """Whether the person may change it, or make a new one."""
    me = person()
    if me.is_viewing_as or not me.own_rights.allows("segments", "edit"):
        return False
    if key is None:
        return True
    with services().database.read() as session:
        return kept.may_edit(session, me.own_rights, key)


def mark_done(message: str) -> str:
    """Pages say so at their top after the next run."""
    return message


def signed(value: float, digits: int = 0) -> str:
    """A difference with its sign."""
    return ("+" if value > 0 else "") + speaker().number(value, digits)
