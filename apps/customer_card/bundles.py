"""Usage against bundles: how far the running month has come in each product family, and the months before."""

import datetime as dt
from calendar import monthrange
from typing import Any, Final

import streamlit as st

from apps.data import bundles as data
from apps.language import speaker, t
from apps.snapshot import manifest, reader
from apps.ui import charts, drawing
from apps.ui.labels import label
from apps.ui.layout import card, empty_state
from apps.usage_analysis.looking import chart_unit

_MEASURES: Final = {"minutes": "bundle_minutes", "mb": "bundle_mb", "sms": "bundle_sms"}


def _names() -> dict[str, str]:
    return {"minutes": t("Minutes"), "mb": t("Internet, MB"), "sms": "SMS"}


def bundles(customer_id: int) -> None:
    """The running month, then the history of one measure."""
    last, rows = data.running_month(reader(), customer_id)
    _running(last, rows)
    since = manifest().as_of.replace(day=1) - dt.timedelta(days=396)
    _history(data.history(reader(), customer_id, since.replace(day=1)))


def _running(last: dt.date | None, rows: list[dict[str, Any]]) -> None:
    with card(t("Usage against bundles, this month"), stretch=False):
        if last is None or not rows:
            empty_state("data_usage", t("No numbers in use"), t("Bundles are those of numbers that are connected."))
            return
        days = monthrange(last.year, last.month)[1]
        st.caption(
            t(
                "Until {date}: day {day} of {days}, {share} of the month. Calls within the country, SMS and internet "
                "at home count.",
                date=speaker().date(last), day=last.day, days=days, share=speaker().percent(100 * last.day / days, 0),
            )
        )  # fmt: skip
        with st.grid(len(rows) if len(rows) < 3 else 3, gap="small", min_column_width=280):
            for row in rows:
                _family(row, last.day / days)


def _family(row: dict[str, Any], elapsed: float) -> None:
    say = speaker()
    with st.container(border=True, gap="small"):
        count = say.plural("{count} number", "{count} numbers", int(row["numbers"]))
        st.markdown(f"**{label('family', row['family'])}** · {count} · {say.money(row['fee'])}")
        for measure, bundle in _MEASURES.items():
            _measure(_names()[measure], float(row[measure] or 0), row[bundle], elapsed)


def _measure(name: str, used: float, bundle: Any, elapsed: float) -> None:
    say = speaker()
    if bundle is None:
        st.markdown(f"{name}: {say.number(used)} :gray[· {t('no limit')}]")
    elif not bundle:
        told = f" :orange-badge[{t('beyond the bundle')}]" if used else ""
        st.markdown(f"{name}: {say.number(used)} :gray[· {t('not in the bundle')}]{told}")
    else:
        share = used / float(bundle)
        mark = _mark(share, elapsed)
        text = t("{name}: {used} of {bundle}", name=name, used=say.number(used), bundle=say.number(bundle))
        st.progress(min(share, 1.0), text=f"{text} · {say.percent(100 * share, 0)}{mark}")


def _mark(share: float, elapsed: float) -> str:
    """A word when the bundle is over, will be over before the month, or goes unused."""
    if share > 1:
        return f" :red-badge[{t('used up')}]"
    if elapsed > 0.2 and share / elapsed > 1.1:
        return f" :orange-badge[{t('will not last the month')}]"
    return f" :blue-badge[{t('hardly used')}]" if elapsed > 0.5 and share / elapsed < 0.3 else ""


def _history(rows: list[dict[str, Any]]) -> None:
    with card(t("Use and bundle by month"), stretch=False):
        if not rows:
            empty_state("show_chart", t("No usage"), t("No usage of this customer's numbers is stored."))
            return
        say, names = speaker(), _names()
        # The family with the most numbers now comes first.
        families = list(dict.fromkeys(row["family"] for row in sorted(rows, key=_size)))
        with st.container(horizontal=True, gap="medium"):
            measure = st.segmented_control(
                t("Measure"), list(names), default="mb", required=True, key="card_bundle_measure",
                format_func=names.__getitem__, label_visibility="collapsed",
            )  # fmt: skip
            family = st.segmented_control(
                t("Product family"), families, default=families[0], required=True, key="card_bundle_family",
                format_func={code: label("family", code) for code in families}.__getitem__,
                label_visibility="collapsed",
            )  # fmt: skip
        own = [row for row in rows if row["family"] == (family if family in families else families[0])]
        top = max(float(row[column] or 0) for row in own for column in (str(measure), _MEASURES[measure]))
        divisor, unit = chart_unit({"mb": "data_mb"}.get(str(measure), str(measure)), top, names[measure])
        points: list[dict[str, Any]] = [
            {
                "month": say.short_month(row["month"]), "used": round(float(row[measure] or 0) / divisor, 2),
                "bundle": None if row[_MEASURES[measure]] is None else float(row[_MEASURES[measure]]) / divisor,
            }
            for row in own
        ]  # fmt: skip
        option = charts.trend(points, "month", {"used": t("Used"), "bundle": t("Bundle")}, kind="bar")
        option["series"][1] = {
            "type": "line", "name": t("Bundle"), "encode": {"x": "month", "y": "bundle"}, "step": "middle",
            "showSymbol": False, "lineStyle": {"width": 2, "type": "dashed"},
        }  # fmt: skip
        title = f"{unit} · {label('family', own[0]['family'])}"
        st.caption(title)
        drawing.chart(option, height=260, key="card_bundle_history", alt=title)


def _size(row: dict[str, Any]) -> tuple[int, int]:
    return -row["month"].toordinal(), -int(row["numbers"])
