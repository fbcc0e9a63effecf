"""What a campaign added against its control group: a plain verdict, the lifts with their intervals."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from apps.campaign_workspace.lift_words import SHARES, UNTOLD, arm_name, difference, outcome_name, sentence
from apps.language import speaker, t
from apps.segment_workspace.payload import value_label
from apps.ui import tables
from apps.ui.layout import card, empty_state, escape
from campaigns.effect.words import VERDICT_WORDS
from crm.services.campaign_runs.results import ResultInfo

_COLORS: Final = {"better": "#2b8a57", "worse": "#c4423a"}
_UNSURE: Final = "#667680"


def effect(result: ResultInfo | None) -> None:
    """The verdict in a sentence, the intervals under it; without computed results it says when they come."""
    with card(t("What the campaign added"), stretch=False):
        lifts: Sequence[Mapping[str, Any]] = result.figures.get("lifts", []) if result is not None else []
        if result is None or not lifts:
            _untold(result)
            return
        for each in lifts:
            st.markdown(
                f"**{escape(outcome_name(each['outcome']))}**, {escape(arm_name(each['arm']))}: "
                f"{escape(sentence(each))}"
            )
        outcomes = list(dict.fromkeys(each["outcome"] for each in lifts))
        # Shares and sums have no common axis.
        for place, outcome in zip(st.columns(len(outcomes), gap="small"), outcomes, strict=True):
            with place:
                _chart(outcome, [each for each in lifts if each["outcome"] == outcome])
        say = speaker()
        st.caption(
            t(
                "Data of {day}, computed {moment}. The line is the interval that holds the truth in 95 cases of 100; "
                "where it crosses zero, chance may be all.",
                day=say.date(result.as_of),
                moment=say.moment(result.computed_at),
            )
        )
        _table(lifts)
        if segments := result.figures.get("segments", []):
            _regions(segments)


def _untold(result: ResultInfo | None) -> None:
    """Why there is no comparison."""
    if result is not None and (reason := UNTOLD.get(str(result.figures.get("verdict")))):
        empty_state("balance", t("The campaign cannot be compared"), t(reason))
        return
    empty_state(
        "balance",
        t("The comparison with the control group is not computed yet"),
        t("It is made from data that shows what customers did after the campaign."),
    )


def _regions(segments: Sequence[Mapping[str, Any]]) -> None:
    """By region; each is judged beside all the others, so that one of many does not shine by chance."""
    rows = [
        {
            "value": value_label("region_code", each["value"]) if each["value"] is not None else t("unknown"),
            "outcome": outcome_name(each["outcome"]),
            "lift": difference({**each, "lift_low": each["low"], "lift_high": each["high"]}),
            "verdict": t(VERDICT_WORDS[each["verdict"]]),
        }
        for each in segments
        if each["by"] == "region"
    ]
    columns = {
        "value": tables.text(t("Region"), 190), "outcome": tables.text(t("Outcome of customers"), 210),
        "lift": tables.number(t("Added, with interval"), 260), "verdict": tables.text(t("Verdict"), "large"),
    }  # fmt: skip
    with st.expander(t("By region"), icon=":material/map:"):
        tables.plain(rows, columns, key="analysis_regions")


def _chart(outcome: str, lifts: Sequence[Mapping[str, Any]]) -> None:
    known = [each for each in lifts if each["lift"] is not None]
    if not known:
        return
    scale = 100 if is_share(known[0]) else 1
    frame = pd.DataFrame(
        [
            {
                "arm": arm_name(each["arm"]),
                "lift": scale * each["lift"],
                "low": _scaled(each["lift_low"], scale),
                "high": _scaled(each["lift_high"], scale),
                "color": _COLORS.get(each["verdict"], _UNSURE),
            }
            for each in known
        ]
    )
    st.caption(f"{outcome_name(outcome)}, {t('percentage points') if scale == 100 else t('per customer')}")
    # Of one group the name stands in the sentence above.
    arms = alt.Axis(labelLimit=200) if len(known) > 1 else None
    base = alt.Chart(frame).encode(y=alt.Y("arm:N", title=None, axis=arms), color=alt.Color("color:N", scale=None))
    thousands = "replace(format(datum.value, ',.10~g'), /,/g, '\u202f')"
    axis = alt.Axis(labelExpr=thousands, tickCount=5)
    bar = base.mark_rule(strokeWidth=3).encode(x=alt.X("low:Q", title=None, axis=axis), x2="high:Q")
    point = base.mark_point(filled=True, size=90, opacity=1).encode(x="lift:Q")
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(strokeDash=[4, 4], color=_UNSURE).encode(x="x:Q")
    st.altair_chart(zero + bar + point, width="stretch", height=70 + 36 * len(known), key=f"analysis_lift_{outcome}")


def _table(lifts: Sequence[Mapping[str, Any]]) -> None:
    say = speaker()
    rows = [
        {
            "outcome": outcome_name(each["outcome"]),
            "arm": arm_name(each["arm"]),
            "members": say.number(each["members"]),
            "control": say.number(each["control_members"]),
            "mean": level(each, each["mean"]),
            "control_mean": level(each, each["control_mean"]),
            "lift": difference(each),
            "p": "—" if each["p_value"] is None else say.number(each["p_value"], 3),
        }
        for each in lifts
    ]
    columns = {
        "outcome": tables.text(t("Outcome of customers"), 190),
        "arm": tables.text(t("Group"), 145),
        "members": tables.number(t("Members"), 85),
        "control": tables.number(t("Of control"), 85),
        "mean": tables.number(t("In the group"), 85),
        "control_mean": tables.number(t("In control"), 85),
        "lift": tables.number(t("Added, with interval"), 260),
        "p": tables.number(t("p-value"), 70),
    }
    tables.plain(rows, columns, key="analysis_lifts_table")


def is_share(each: Mapping[str, Any]) -> bool:
    """Whether the outcome is one that a customer has or has not."""
    return each["outcome"] in SHARES


def level(each: Mapping[str, Any], value: float | None) -> str:
    """A mean of a group: a share in per cent, a sum as it is."""
    say = speaker()
    if value is None:
        return "—"
    return say.percent(100 * value, 2) if is_share(each) else say.number(value)


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else scale * value
