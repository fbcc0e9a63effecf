"""A rule and what is wrong with it, in the reader's language."""

from collections.abc import Callable

import streamlit as st

from apps.data import segment_catalogue
from apps.language import speaker, t
from apps.segment_workspace.payload import value_label, vocabulary
from apps.segment_workspace.places import mended, said
from apps.services import services
from apps.snapshot import reader
from apps.ui.layout import escape
from crm.services import segments as kept
from crm.services.organisation import departments, employees
from segments.errors import Problem
from signals import sentence as words
from signals.definition import Rule
from vitrina.errors import UserError


def rule_said(rule: Rule | None) -> None:
    """Two sentences: whom it watches for what, and what becomes of it."""
    if rule is None:
        st.markdown(f":gray[{t('The rule is told in words here as soon as every field is filled in.')}]")
        return
    st.markdown(f"**{escape(sentence(rule))}.**  \n{escape(words.consequences(rule, speaker(), names()))}.")


def sentence(rule: Rule) -> str:
    """Whom a rule watches, and for what."""
    return words.sentence(rule, segment_catalogue.catalogue(reader()), speaker(), _label, names())


def watched(rule: Rule) -> str:
    """Whom a rule watches."""
    return words.watched(rule, segment_catalogue.catalogue(reader()), speaker(), _label, names())


def problem_line(problem: Problem) -> None:
    """What is wrong, and how it may be mended."""
    text = " ".join(part for part in (said(problem), mended(problem)) if part)
    st.markdown(f":red[:material/error: {escape(text)}]")


def _label(field, value) -> str | None:  # type: ignore[no-untyped-def]
    return value_label(field.name, value) if vocabulary(field.name) else None


def names() -> Callable[[str, str], str | None]:
    """What the segment, list, department or employee of a key is called, for sentences; None for one not known."""

    def name(kind: str, key: str) -> str | None:
        try:
            with services().database.read() as session:
                match kind:
                    case "segment":
                        return kept.info(session, key).name
                    case "list":
                        return kept.list_info(session, key).name
                    case "department":
                        found = departments(session).get(key)
                        return found.name if found is not None else None
                return next((each.full_name for each in employees(session) if each.employee_id == key), None)
        except UserError:
            return None

    return name
