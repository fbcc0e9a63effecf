"""The evidence of a signal: the course of its measures with what was usual, and the rows that were added up."""

from typing import Any

import streamlit as st

from apps.identity import person
from apps.language import speaker, t
from apps.signal_workspace.rows_behind import rows_behind
from apps.signal_workspace.words import amount, measure_name, value_word
from apps.snapshot import reader
from apps.ui import charts, drawing, tables
from apps.ui.layout import card, escape, told
from crm.services.signals import SignalInfo
from signals.definition import Change, Rule
from signals.measures import Flow
from signals.questions import Explained, Series
from signals.questions import series as course
from vitrina.errors import UserError

_KNOWN = "_signal_evidence"


def evidence(signal: SignalInfo, rule: Rule | None) -> None:
    """A chart a condition that held. What the gate does not open to the person is said, not drawn."""
    if rule is None or not (conditions := _held(signal, rule)):
        return
    with card(t("Evidence"), stretch=False):
        try:
            found = _ask(signal, conditions)
        except UserError as error:
            st.caption(escape(told(error)))
            return
        for place, series in enumerate(found):
            _series(series, f"{signal.signal_id}_{place}")


def _held(signal: SignalInfo, rule: Rule) -> list[Explained]:
    """The conditions with the figures that were measured over all customers when the signal was raised: who sees a few
    alone could not compute what was usual for others alike."""
    found = []
    for each in signal.details.get("conditions", []):
        place = each.get("condition")
        if not isinstance(place, int) or not 0 <= place < len(rule.conditions):
            continue
        value, before = each.get("value"), each.get("baseline")
        if isinstance(value, str):
            found.append(Explained(rule.conditions[place], True, word=value, word_before=before))
        else:
            found.append(
                Explained(rule.conditions[place], True, value, before, each.get("expected"),
                          deviations=each.get("deviations"))
            )  # fmt: skip
    return found


def _ask(signal: SignalInfo, conditions: list[Explained]) -> list[Series]:
    """The courses through the gate; those of the signal that is being read are kept while it is read."""
    own = reader()
    key = (own.fingerprint, signal.signal_id, signal.last_day, signal.rule_version)
    kept_key, answer = st.session_state.get(_KNOWN, (None, None))
    if kept_key != key or answer is None:
        with own.cursor() as source:
            answer = [course(source, each, signal.customer_id, signal.last_day) for each in conditions]
        st.session_state[_KNOWN] = (key, answer)
    return answer


def _series(series: Series, key: str) -> None:
    name = measure_name(series.measure.name)
    if any(isinstance(point.value, str) for point in series.points):
        _words(series, name)
        return
    say, digits = speaker(), 0 if series.measure.digits == 0 else 1
    rows: list[dict[str, Any]] = [
        {"week": f"{point.end:%d.%m}", "value": None if point.value is None else round(float(point.value), digits)}
        for point in series.points
    ]  # fmt: skip
    usual = _usual(series)
    names = {"value": name}
    if usual is not None:
        names["usual"] = t("usual")
        rows = [row | {"usual": round(usual, digits)} for row in rows]
    title = t("{measure} by week", measure=name) if isinstance(series.measure, Flow) else name
    st.markdown(f"**{escape(title[:1].upper() + title[1:])}**, {_unit(series.measure.unit)}"
                if _unit(series.measure.unit) else f"**{escape(title[:1].upper() + title[1:])}**")  # fmt: skip
    option = charts.trend(rows, "week", names, kind="bar" if isinstance(series.measure, Flow) else "line")
    _styled(option, series, len(rows), usual is not None)
    drawing.chart(option, height=210, key=f"signal_chart_{key}", alt=title)
    if (about := _compared(series)) is not None:
        st.caption(about)
    if series.rows is not None and series.rows.num_rows and person().may("usage", "view"):
        with st.expander(say.plural("{count} row behind it", "{count} rows behind it", series.rows.num_rows)):
            rows_behind(series.rows, f"signal_rows_{key}")


def _usual(series: Series) -> float | None:
    """What a point would be if all were as usual; None where nothing was expected."""
    expected = series.explained.expected if series.explained.expected is not None else series.explained.baseline
    if expected is None or not isinstance(series.explained.condition, Change):
        return None
    return expected * 7 / series.window_days if isinstance(series.measure, Flow) else expected


def _styled(option: dict[str, Any], series: Series, points: int, has_usual: bool) -> None:
    """The compared weeks in a colour of their own, the usual level as a dashed line."""
    weeks = max(1, series.window_days // 7) if isinstance(series.measure, Flow) else 0
    if weeks:
        option["series"][0] |= {"itemStyle": {"color": charts.MUTED}, "barMaxWidth": 16}
        option["visualMap"] = {
            "show": False, "type": "piecewise", "dimension": 0, "seriesIndex": 0,
            "pieces": [
                {"gte": points - weeks, "color": charts.BAD}, {"lt": points - weeks, "color": charts.PRIMARY},
            ],
        }  # fmt: skip
    if has_usual:
        option["series"][1] |= {
            "type": "line", "showSymbol": False, "lineStyle": {"type": "dashed", "width": 2, "color": charts.ACCENT},
            "itemStyle": {"color": charts.ACCENT},
        }  # fmt: skip


def _compared(series: Series) -> str | None:
    found = series.explained
    if found.value is None or not isinstance(found.condition, Change):
        return None
    name = series.measure.name
    parts = [t("compared: {value}", value=amount(name, found.value))]
    if found.baseline is not None:
        parts.append(t("own level: {value}", value=amount(name, found.baseline)))
    if found.expected is not None and found.expected != found.baseline:
        parts.append(t("to be expected now: {value}", value=amount(name, found.expected)))
    if found.deviations is not None:
        parts.append(t("{number} usual deviations away", number=speaker().number(abs(found.deviations), 1)))
    return escape(" · ".join(parts))


def _words(series: Series, name: str) -> None:
    """A state of words: the days on which it became another."""
    changes, before = list[dict[str, str]](), object()
    for point in series.points:
        if point.value != before and point.value is not None:
            changes.append(
                {"day": speaker().date(point.end), "word": value_word(series.measure.name, str(point.value))}
            )
        before = point.value
    st.markdown(f"**{escape(name[:1].upper() + name[1:])}**")
    tables.plain(changes[::-1], {"day": tables.text(t("On"), 110), "word": tables.text(t("State"), 260)})


def _unit(unit: str) -> str:
    return {"minutes": t("min"), "MB": t("MB"), "UZS": t("soʻm"), "days": t("days"), "percent": "%"}.get(unit, "")
