"""Usage analysis: trends and deviations of a client, a segment or a product, compared and taken out."""

import streamlit as st

from apps.data import usage
from apps.language import t
from apps.snapshot import manifest, reader
from apps.ui.layout import empty_state, page_header
from apps.usage_analysis import showing
from apps.usage_analysis.choosing import chosen, kinds
from apps.usage_analysis.looking import look
from apps.usage_analysis.taking import taking

page_header(t("Usage analysis"), t("Trends, deviations from the own norm, and comparison"))
text = st.query_params.get("client", "")
named = chosen("usage", kinds(), int(text) if text.isdigit() and len(text) < 19 else None)
if named is None:
    empty_state("person_search", t("Nobody chosen"), t("Find a client, or choose a segment or a product."))
else:
    as_of = usage.known_until(reader(), manifest().as_of)
    chosen_look = look(named.subject, as_of)
    found = showing.figures(named, chosen_look, as_of)
    if not found.rows:
        showing.nothing()
    else:
        showing.headline(found, chosen_look)
        showing.chart(named, found, chosen_look)
        with st.container(horizontal=True, horizontal_alignment="right"):
            taking(named, chosen_look)
        showing.table(found, chosen_look)
