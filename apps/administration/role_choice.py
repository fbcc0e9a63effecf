"""Choosing roles by their names."""

import streamlit as st

from apps.language import speaker, t
from apps.services import services
from crm.services.matrix import DELIVERED, matrix


def role_choice(title: str, key: str, chosen: frozenset[str]) -> list[str]:
    """A field of roles; codes of those that are chosen."""
    names = role_titles()
    return st.multiselect(
        title,
        list(names),
        default=sorted(chosen & names.keys()),
        key=key,
        format_func=lambda code: names.get(code, code),
    )


def version_reason(reason: str) -> str:
    """Why a version of the matrix was saved: people's own words, or what the installation wrote, translated."""
    return t("delivered roles") if reason == DELIVERED else reason


def role_titles() -> dict[str, str]:
    """Code → name in the reader's language, by name."""
    with services().database.read() as session:
        known = matrix(session).roles
    language = speaker().language
    return dict(sorted(((c, role.names.get(language, c)) for c, role in known.items()), key=lambda pair: pair[1]))
