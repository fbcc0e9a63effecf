"""One condition as a line of fields that reads like a sentence."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from apps.language import t
from apps.signal_workspace.happened import SIGNS
from apps.signal_workspace.words import measure_name, value_word
from signals.measures import Flow, StateMeasure, measures

_UNITS: Final = {"minutes": "min", "MB": "MB", "UZS": "soʻm", "days": "days", "percent": "%"}


def new_condition() -> dict[str, Any]:
    """A usual one to begin with."""
    return {"id": f"c{secrets.token_hex(4)}", "kind": "change", "measure": "voice_out_minutes", "direction": "fall",
            "against": "norm", "weeks": 4, "by_pct": 25, "at_least": 60}  # fmt: skip


def condition(found: Mapping[str, Any], key: str, may_remove: bool, may_edit: bool) -> tuple[dict[str, Any], bool]:
    """The condition as its fields say now, and whether it is to be taken away."""
    kinds = {
        "change": t("a measure fell or grew"), "threshold": t("a measure crossed a limit"),
        "state": t("a state changed"), "missing": t("nothing came any more"),
    }  # fmt: skip
    off = not may_edit
    removed = False
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = st.selectbox(
            t("What happened"), list(kinds), index=list(kinds).index(str(found.get("kind", "change"))),
            format_func=kinds.__getitem__, key=f"{key}_kind", width=220, disabled=off,
        )  # fmt: skip
        known = measures_of(kind)
        before, named = str(found.get("measure", "")), {name: _capital(name) for name in known}
        measure = st.selectbox(
            t("Measure"), known, index=known.index(before) if before in known else 0, format_func=named.__getitem__,
            key=f"{key}_measure_{kind}", width=300, disabled=off,
        )  # fmt: skip
        if may_remove:
            st.space("stretch")
            removed = st.button(t("Remove"), icon=":material/delete:", key=f"{key}_remove", type="tertiary")
    same = found if found.get("kind") == kind else {}
    fields = {"change": _change, "threshold": _threshold, "state": _state, "missing": _missing}[kind]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        made = fields(same, measure, key, off)
    return {"id": found.get("id"), "kind": kind, "measure": measure, **made}, removed


def measures_of(kind: str) -> list[str]:
    """Measures that a kind of condition can be about, by name in the reader's language."""

    def fits(each: Any) -> bool:
        if kind == "state":
            return isinstance(each, StateMeasure) and each.values == "text"
        if kind == "missing":
            return isinstance(each, Flow)
        return isinstance(each, Flow) or each.values == "number"

    return sorted((name for name, each in measures().items() if fits(each)), key=measure_name)


def _capital(name: str) -> str:
    said = measure_name(name)
    return said[:1].upper() + said[1:]


def _unit(measure: str) -> str:
    unit = _UNITS.get(measures()[measure].unit, "")
    return {"min": t("min"), "MB": t("MB"), "soʻm": t("soʻm"), "days": t("days")}.get(unit, unit)


def _change(found: Mapping[str, Any], measure: str, key: str, off: bool) -> dict[str, Any]:
    is_flow = isinstance(measures()[measure], Flow)
    made: dict[str, Any] = {
        "direction": _one(t("Direction"), {"fall": t("fell"), "growth": t("grew")}, found.get("direction", "fall"),
                          f"{key}_direction", 120, off),
        "weeks": _whole(t("Weeks"), found.get("weeks", 4), f"{key}_weeks", 1, 13, off),
    }  # fmt: skip
    against = {
        "norm": t("own norm"), "season": t("own norm and season"), "previous": t("the weeks before"),
        "peers": t("similar customers"),
    }  # fmt: skip
    made["against"] = "previous"
    if is_flow:
        made["against"] = _one(
            t("Against"), against, found.get("against", "norm"), f"{key}_against", 200, off
        )  # fmt: skip
    made |= {
        "by_pct": _number(t("By at least, %"), found.get("by_pct", 25 if is_flow and not found else None),
                          f"{key}_pct", off),
        "by": _number(t("By at least, {unit}", unit=_unit(measure) or t("pieces, unit")), found.get("by"),
                      f"{key}_by", off),
    }  # fmt: skip
    if is_flow:
        made["deviations"] = _number(
            t("Usual deviations"), found.get("deviations"), f"{key}_deviations", off,
            t("How many times the customer's own usual ups and downs (median and MAD of earlier weeks)"),
        )  # fmt: skip
    made["at_least"] = _number(
        t("Was at least, {unit}", unit=_unit(measure) or t("pieces, unit")), found.get("at_least"), f"{key}_least", off,
        t("Customers with a smaller level before are left alone"),
    )  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def _threshold(found: Mapping[str, Any], measure: str, key: str, off: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operator": _one(t("Comparison"), SIGNS, found.get("operator", ">="), f"{key}_operator", 90, off),
        "value": _number(t("Limit, {unit}", unit=_unit(measure) or t("pieces, unit")), found.get("value"),
                         f"{key}_value", off, zero=True),
    }  # fmt: skip
    if isinstance(measures()[measure], Flow):
        made["weeks"] = _whole(t("In so many weeks"), found.get("weeks", 4), f"{key}_weeks", 1, 13, off)
    return made


def _state(found: Mapping[str, Any], measure: str, key: str, off: bool) -> dict[str, Any]:
    words = {code: value_word(measure, code) for code in getattr(measures()[measure], "words", {})}
    common: dict[str, Any] = {
        "format_func": words.__getitem__, "placeholder": t("Any"), "disabled": off, "width": 260,
    }  # fmt: skip
    before = st.multiselect(
        t("From"),
        list(words),
        default=[each for each in found.get("from", ()) if each in words],
        key=f"{key}_from",
        **common,
    )
    to = st.multiselect(
        t("To"), list(words), default=[each for each in found.get("to", ()) if each in words], key=f"{key}_to", **common
    )
    within = _whole(t("Within so many days"), found.get("within_days", 7), f"{key}_within", 1, 400, off)
    return {"from": list(before), "to": list(to), "within_days": within}


def _missing(found: Mapping[str, Any], measure: str, key: str, off: bool) -> dict[str, Any]:
    return {
        "days": _whole(t("Nothing for so many days"), found.get("days", 14), f"{key}_days", 1, 400, off),
        "before_days": _whole(t("Though there was something in the days before"), found.get("before_days", 56),
                              f"{key}_before", 1, 400, off),
    }  # fmt: skip


def _one(title: str, names: Mapping[str, str], value: Any, key: str, width: int, off: bool) -> str:
    options = list(names)
    index = options.index(value) if value in options else 0
    return str(st.selectbox(title, options, index=index, format_func=names.__getitem__, key=key, width=width,
                            disabled=off))  # fmt: skip


def _whole(title: str, value: Any, key: str, least: int, most: int, off: bool) -> int:
    start = min(max(int(value), least), most)
    return int(st.number_input(title, least, most, start, 1, key=key, width=120, disabled=off))


def _number(
    title: str, value: Any, key: str, off: bool, help: str | None = None, *, zero: bool = False
) -> float | None:
    given = st.number_input(
        title, min_value=None if zero else 0.0, value=None if value is None else float(value), key=key, width=155,
        disabled=off, help=help, placeholder="—", step=None, format="%.10g",
    )  # fmt: skip
    if given is None or (not zero and given == 0):
        return None
    return int(given) if float(given).is_integer() else float(given)
