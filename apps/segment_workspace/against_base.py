"""In what the members differ from all customers."""

from typing import Any

import streamlit as st

from apps.data import segment_catalogue
from apps.data.segments import Bench
from apps.language import speaker, t
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import settled
from apps.segment_workspace.payload import name_of, value_label
from apps.snapshot import reader
from apps.ui import tables
from apps.ui.layout import empty_state
from segments import questions
from segments.catalogue import Field
from segments.questions import Audience, Differing

_SHOWN, _VALUES = 25, 3


def against_base(found: Desk) -> None:
    """The attributes that set the members apart, the strongest first."""
    known = settled(found)
    if known is None:
        return
    definition, bench = known
    fields = _fields(bench)
    told: Audience = bench.ask(
        "profile", definition, lambda: questions.profile(bench.reader, bench.compiled(definition), fields)
    )
    if not told.members:
        empty_state("group_off", t("Nobody is in the segment"), t("Loosen a condition or switch one off."))
        return
    if told.members == told.base:
        empty_state("groups", t("Everybody is in the segment"), t("Add a condition, and its members have a profile."))
        return
    st.caption(
        t(
            "{members} members against {base} customers. The difference is 0 for alike and 100 for nothing in common.",
            members=speaker().number(told.members),
            base=speaker().number(told.base),
        )
    )
    rows = [_row(each, bench.catalogue.attributes[each.field]) for each in told.differing if each.effect >= 0.005]
    tables.plain(
        rows[:_SHOWN],
        {
            "name": tables.text(t("Attribute"), "medium"),
            "effect": st.column_config.ProgressColumn(
                t("Difference"), format="%d", min_value=0, max_value=100, width=150
            ),
            "inside": tables.text(t("In the segment"), "medium"),
            "base": tables.text(t("Among all"), "medium"),
        },
        key="segment_profile",
    )


def _fields(bench: Bench) -> list[str]:
    """What may be compared and shown to this person: no numbers of persons, nothing that he sees covered."""
    usable = segment_catalogue.usable(reader()).attributes
    kinds = ("number", "integer", "boolean", "code")
    return [
        each.name
        for each in usable.values()
        if each.personal == "none" and each.unit != "id" and each.type in kinds and each.group != "freshness"
    ]


def _row(each: Differing, field: Field) -> dict[str, Any]:
    inside, base = (_codes(each, side) if each.shares else _figure(each, field, side) for side in ("inside", "base"))
    return {"name": name_of(field, speaker().language), "effect": 100 * each.effect, "inside": inside, "base": base}


def _codes(each: Differing, side: str) -> str:
    say = speaker()
    return " · ".join(
        f"{t('unknown') if share.value is None else value_label(each.field, share.value)} "
        f"{say.percent(100 * getattr(share, side), 0)}"
        for share in each.shares[:_VALUES]
    )


def _figure(each: Differing, field: Field, side: str) -> str:
    say, value = speaker(), getattr(each, side)
    if value is None:
        return "—"
    if field.type == "boolean":
        return f"{t('Yes')} {say.percent(100 * value, 0)}"
    unit = field.units.get(say.language, "")
    return f"{say.number(value, 0 if abs(value) >= 100 else 1)} {unit}".strip()
