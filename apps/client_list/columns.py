"""The columns of the list: what each shows, whose right opens it, and the words in them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from apps.data.client_health import GOOD, POOR, Part
from apps.identity import Person
from apps.language import speaker, t
from apps.ui import tables
from apps.ui.charts import PRIMARY
from apps.ui.labels import label

Column = Any


@dataclass(frozen=True)
class ListColumn:
    """A column that can be chosen: the object whose right opens it, its title, how it is drawn, and whether it is there
    at first (for heads alone, or for managers alone, as so many fit their screens)."""

    name: str
    subject: str
    title: str
    draw: Callable[[str], Column]
    is_usual: bool = True
    for_heads: bool = False
    for_managers: bool = False


def _known() -> list[ListColumn]:
    number, text = tables.number, tables.text
    return [
        ListColumn("inn", "customers", t("INN"), lambda title: text(title, 85), False),
        ListColumn("manager_name", "customers", t("Manager"), lambda title: text(title, 125), for_heads=True),
        ListColumn("health", "customers", t("Health"), _health),
        ListColumn("signals", "signals", t("Signals"), lambda title: number(title, 72, t("Signals that wait"))),
        ListColumn("numbers", "services", t("Numbers"), lambda title: number(
            title, 76, t("Active numbers now, and their change in three months"))),
        ListColumn("charges", "finance", t("Charges, soʻm"), lambda title: number(
            title, 112, t("Charges of the last full month"))),
        ListColumn("charges_trend", "finance", t("Trend"), lambda title: number(
            title, 75, t("Charges of the last full month against the average of the three before"))),
        ListColumn("overdue", "finance", t("Overdue, soʻm"), lambda title: number(title, 118)),
        ListColumn("overdue_days", "finance", t("Days overdue"), lambda title: number(title, 112), False),
        ListColumn("data_curve", "usage", t("Internet, year"), _curve, for_managers=True),
        ListColumn("next_task", "tasks", t("Next task"), lambda title: text(title, 158)),
        ListColumn("data_trend", "usage", t("Internet, trend"), lambda title: number(
            title, 75, t("Internet of the last full month against the average of the three before")), False),
        ListColumn("voice_curve", "usage", t("Calls, year"), _curve, False),
        ListColumn("voice_trend", "usage", t("Calls, trend"), lambda title: number(
            title, 75, t("Minutes of the last full month against the average of the three before")), False),
        ListColumn("charges_curve", "finance", t("Charges, year"), _curve, False),
        ListColumn("contract_end", "services", t("Contract end"), lambda title: tables.day(title, 95), False),
        ListColumn("last_contact", "interactions", t("Last contact"), lambda title: tables.day(title, 95), False),
        ListColumn("segment", "customers", t("Segment"), lambda title: text(title, 160), False),
        ListColumn("region", "customers", t("Region"), lambda title: text(title, 160), False),
        ListColumn("status", "customers", t("Status"), lambda title: text(title, 90), False),
        ListColumn("legal", "customers", t("Legal status"), lambda title: text(title, 130), False),
    ]  # fmt: skip


def open_columns(me: Person) -> dict[str, ListColumn]:
    """Those that his rights open, in the order in which they stand."""
    return {column.name: column for column in _known() if me.may(column.subject, "view")}


def usual(known: Mapping[str, ListColumn], is_head: bool) -> list[str]:
    """Those that are shown until he chooses others."""
    hidden = "for_managers" if is_head else "for_heads"
    return [name for name, each in known.items() if each.is_usual and not getattr(each, hidden)]


def drawn(known: Mapping[str, ListColumn], names: list[str]) -> dict[str, Column]:
    """The columns as the table takes them, the name first and always there."""
    first = {"client_name": st.column_config.TextColumn(t("Client"), width=205, pinned=True)}
    return first | {name: known[name].draw(known[name].title) for name in known if name in names}


def _curve(title: str) -> Column:
    return st.column_config.AreaChartColumn(title, width=110, color=PRIMARY, y_min=0, help=t("Thirteen month ends"))


def _health(title: str) -> Column:
    return st.column_config.ProgressColumn(
        title, width=105, min_value=0, max_value=100, format="%d", color="auto", help=t("See “What is health?”")
    )


def part_names() -> dict[str, str]:
    """Parts of the health index in the reader's words."""
    return {
        "usage": t("Usage falls"),
        "numbers": t("Numbers are given up"),
        "overdue": t("Debt is overdue"),
        "legal": t("Legal status"),
        "churn": t("Risk of leaving"),
    }


def part_rules() -> dict[str, str]:
    """How many points each part takes, in words."""
    return {
        "usage": t(
            "up to 40: 0.8 of a point for each percent by which internet and calls of the last month are below "
            "the average of the three months before"
        ),
        "numbers": t("up to 30: 0.6 of a point for each percent of the numbers lost in three months"),
        "overdue": t("up to 40: by days of the oldest unpaid invoice, all of them from 90 days"),
        "legal": t("30 when the activity is suspended or accounts are blocked, 50 in liquidation"),
        "churn": t("up to 40: 0.8 of a point for each percent of the chance to leave by the churn model"),
    }


def health_in_words(parts: tuple[Part, ...]) -> str:
    """What the index is made of, as a Markdown list."""
    names, rules = part_names(), part_rules()
    lines = [t("Health is 100 less the points that these take:")]
    lines += [f"- **{names[part.name]}** — {rules[part.name]}" for part in parts]
    lines.append("")
    lines.append(t("Good from {good}, poor under {poor}; who has left has no index.", good=GOOD, poor=POOR))
    return "\n".join(lines)


_CODES: Final = {"segment": "segment", "region_code": "region", "lifecycle_status": "lifecycle",
                 "legal_status": "legal_status"}  # fmt: skip
_TARGETS: Final = {"region_code": "region", "lifecycle_status": "status", "legal_status": "legal"}


def readable(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a page in words: codes, figures, trends."""
    say, frame = speaker(), frame.copy()
    for column, kind in _CODES.items():
        frame[_TARGETS.get(column, column)] = [label(kind, None if pd.isna(v) else v) for v in frame[column]]
    changes = zip(frame["subscriptions_active_count"], frame["subscriptions_active_change_3m"], strict=True)
    frame["numbers"] = [_with_change(say.number(_known_value(now)), _known_value(change)) for now, change in changes]
    for target, column in (
        ("charges", "charges_amount_last_month"), ("overdue", "debt_overdue_amount"),
        ("overdue_days", "overdue_days_max"),
    ):  # fmt: skip
        frame[target] = [say.number(_known_value(value) or None) for value in frame[column]]
    for target, column in (
        ("charges_trend", "charges_trend_pct"), ("data_trend", "data_mb_trend_pct"),
        ("voice_trend", "voice_out_minutes_trend_pct"),
    ):  # fmt: skip
        frame[target] = [signed_percent(_known_value(value)) for value in frame[column]]
    frame["manager_name"] = [_short(_known_value(name)) for name in frame["manager_name"]]
    frame["contract_end"], frame["last_contact"] = frame["agreement_next_end_date"], frame["last_interaction_date"]
    return frame


def _short(name: str | None) -> str | None:
    """A colleague as colleagues write him: the surname and initials."""
    words = (name or "").split()
    return " ".join([words[0], *(f"{word[0]}." for word in words[1:])]) if words else None


def _known_value(value: Any) -> Any:
    return None if pd.isna(value) else value


def _with_change(now: str, change: Any) -> str:
    return now if not change else f"{now} ({'+' if change > 0 else '−'}{abs(int(change))})"


def signed_percent(value: float | None) -> str:
    """A change in percent with its sign; a dash when there is none to state."""
    if value is None:
        return speaker().percent(None)
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + speaker().percent(abs(value), 0 if abs(value) >= 10 else 1)
