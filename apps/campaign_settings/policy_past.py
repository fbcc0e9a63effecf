"""What another contact policy would have left of the contacts that were."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

import streamlit as st

from apps.campaign_workspace.words import channel_name
from apps.language import speaker, t
from apps.services import services
from apps.ui import tables
from apps.ui.layout import empty_state
from campaigns.policy import Policy, rule_in_words
from campaigns.policy.past import WhatIf, what_if_of
from campaigns.policy.writing import dump, dump_cap, dump_gap
from crm.services.delivery.contact_history import contact_history
from signals.forecast.holidays import public_holidays

_SPANS: Final = (30, 90, 180)
_KEPT: Final = "_policy_what_if"


def what_if(current: Policy, wanted: Policy) -> None:
    """A button, and what both policies would have made of the past."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        span = st.segmented_control(
            t("On the contacts of"), _SPANS, default=90, required=True, key="policy_span",
            format_func=lambda days: speaker().plural("{count} day", "{count} days", days),
        )  # fmt: skip
        if st.button(t("Try on the past"), icon=":material/history:", key="policy_try"):
            st.session_state[_KEPT] = (dump(wanted), span, _asked(current, wanted, int(span)))
    kept = st.session_state.get(_KEPT)
    if kept is not None and kept[:2] == (dump(wanted), span):
        _shown(wanted, *kept[2])


def _asked(current: Policy, wanted: Policy, span: int) -> tuple[WhatIf, WhatIf]:
    now = services().now()
    since = now - dt.timedelta(days=span)
    with services().database.read() as session:
        rows = contact_history(session, since, now)
    found = what_if_of(
        rows, {"current": current, "wanted": wanted}, since, now, public_holidays(since.date(), now.date())
    )
    return found["current"], found["wanted"]


def _shown(wanted: Policy, before: WhatIf, after: WhatIf) -> None:
    say = speaker()
    if not after.contacts:
        empty_state(
            "history", t("Nobody was contacted in that time"), t("Take a longer time, or wait for the first campaign.")
        )
        return
    with st.grid(4, gap="small", min_column_width=150):
        st.metric(t("Contacts that were"), say.number(after.contacts), border=True)
        st.metric(t("Would have gone out"), say.number(after.allowed),
                  delta=say.number(after.allowed - before.allowed), border=True,
                  help=t("The difference is against the policy in force."))  # fmt: skip
        st.metric(t("Customers that were contacted"), say.number(after.customers), border=True)
        st.metric(t("Customers that still would be"), say.number(after.customers_left),
                  delta=say.number(after.customers_left - before.customers_left), border=True)  # fmt: skip
    rules = _rules(wanted)
    left, right = st.columns(2, gap="small")
    with left:
        tables.plain(
            [{"rule": rules.get(path, path), "held": say.number(count)}
             for path, count in sorted(after.held_back.items(), key=lambda each: -each[1])],
            {"rule": tables.text(t("Held back by"), "large"), "held": tables.number(t("Contacts"), 100)},
            key="policy_held",
        )  # fmt: skip
    with right:
        tables.plain(
            [{"channel": channel_name(row["channel"]), "were": say.number(row["contacts"]),
              "allowed": say.number(row["allowed"])} for row in after.channels.to_dicts()],
            {"channel": tables.text(t("Channel"), "medium"), "were": tables.number(t("Were"), 110),
             "allowed": tables.number(t("Would be"), 110)},
            key="policy_channels",
        )  # fmt: skip


def _rules(policy: Policy) -> Mapping[str, str]:
    say = speaker()
    caps = {f"caps/{place}": rule_in_words(dump_cap(cap), say) for place, cap in enumerate(policy.caps)}
    gaps = {f"gaps/{place}": rule_in_words(dump_gap(gap), say) for place, gap in enumerate(policy.gaps)}
    return {**caps, **gaps, "quiet": t("Quiet hours")}
