"""How the usage is looked at: periods, measure, what is told as a deviation, and what it is compared with."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import streamlit as st

from apps.data.usage import Subject, begin, step
from apps.identity import person
from apps.language import t
from apps.usage_analysis.choosing import Named, one_of

LENGTHS: Final = {"month": (13, 25, 36), "week": (13, 26, 52), "day": (31, 62, 92)}
_MONEY: Final = ("beyond_bundle", "charges")


@dataclass(frozen=True)
class Look:
    """The periods from `first` to `last` (their beginnings), one measure for the chart, the threshold in percent."""

    grain: str
    first: dt.date
    last: dt.date
    measure: str
    threshold: float
    other: Named | None
    other_kind: str
    is_per_customer: bool

    @property
    def with_charges(self) -> bool:
        """Charges are made at month ends: by week or day they would be nothing but that one day."""
        return self.grain == "month" and person().may("finance", "view")


def measure_names(with_charges: bool) -> dict[str, str]:
    """Measures in the reader's words, with their units."""
    names = {
        "data_mb": t("Internet, MB"),
        "voice_minutes": t("Outgoing minutes"),
        "intl_minutes": t("International minutes"),
        "in_minutes": t("Incoming minutes"),
        "sms": t("Outgoing SMS"),
        "roaming_mb": t("Internet in roaming, MB"),
        "roaming_minutes": t("Minutes in roaming"),
        "beyond_bundle": t("Usage beyond the bundle, soʻm"),
        "charges": t("All charges, soʻm"),
    }
    if not with_charges:
        del names["charges"]
    if not person().may("finance", "view"):
        del names["beyond_bundle"]
    return names


def is_whole(measure: str) -> bool:
    """Whether a measure is told without decimals: an amount or a count."""
    return measure in (*_MONEY, "sms")


def chart_unit(measure: str, top: float, name: str) -> tuple[float, str]:
    """What the values of a chart are divided by, so that its axis carries short numbers, and the title that says so."""
    if measure in ("data_mb", "roaming_mb") and top >= 5e3:
        divisor, large = (1024.0**2, t("Internet, TB")) if top >= 5e6 else (1024.0, t("Internet, GB"))
        return divisor, large if measure == "data_mb" else f"{large} ({t('in roaming')})"
    if top >= 5e6:
        return 1e6, t("{name}, millions", name=name)
    return (1e3, t("{name}, thousands", name=name)) if top >= 1e4 else (1.0, name)


def grain_names() -> dict[str, str]:
    """Periods in the reader's words."""
    return {"month": t("Months"), "week": t("Weeks"), "day": t("Days")}


def look(subject: Subject, as_of: dt.date) -> Look:
    """The controls, as the person has set them."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        grains = grain_names()
        grain = str(st.segmented_control(
            t("Period"), list(grains), default="month", required=True, key="usage_grain",
            format_func=grains.__getitem__, persist_state="session",
        ))  # fmt: skip
        length = st.selectbox(
            t("How many"), LENGTHS[grain], key=f"usage_length_{grain}", width=90, persist_state="session"
        )  # fmt: skip
        names = measure_names(grain == "month" and person().may("finance", "view"))
        measure = st.selectbox(
            t("Measure"), list(names), format_func=names.__getitem__, key=f"usage_measure_{'charges' in names}",
            width=200, persist_state="session",
        )  # fmt: skip
        threshold = st.selectbox(
            t("A deviation is"), (15, 25, 50), index=1, key="usage_threshold", width=150, persist_state="session",
            format_func=lambda each: t("{percent} % off", percent=each),
            help=t("Off the norm: the median of the six months, eight weeks or six same weekdays before"),
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        other_kind, other = _comparison(subject)
        is_per_customer = False
        if subject.kind != "client" or other_kind in ("segment", "peers"):
            is_per_customer = st.toggle(
                t("Per client with usage"), key=f"usage_per_customer_{other_kind}",
                value=other_kind in ("segment", "peers") and subject.kind == "client",
            )  # fmt: skip
    last = begin(as_of, grain)
    return Look(
        grain, step(last, grain, 1 - int(length)), last, str(measure), float(threshold), other, other_kind,
        is_per_customer,
    )  # fmt: skip


def _comparison(subject: Subject) -> tuple[str, Named | None]:
    names = {"": t("Nothing"), "year": t("The year before"), "client": t("Another client"), "segment": t("A segment")}
    if subject.kind == "client":
        names["peers"] = t("Clients like it")
    kind = str(
        st.selectbox(
            t("Compare with"), list(names), format_func=names.__getitem__, key=f"usage_compare_{subject.kind}",
            width=190, persist_state="session",
            help=t("Clients like it: of the same type and segment, as far as you may see them"),
        )
        or ""
    )  # fmt: skip
    if kind in ("client", "segment"):
        return kind, one_of(kind, "usage_other")
    if kind == "year":
        return kind, Named(subject, t("The year before"))
    if kind == "peers":
        return kind, Named(Subject("peers", subject.key), t("Clients like it"))
    return "", None
