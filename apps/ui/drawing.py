"""Draws a chart of `apps.ui.charts` in the language of the session."""

from typing import Any

import streamlit as st

from apps.language import speaker
from apps.ui.axis import in_words
from apps.ui.charts import Option


def chart(option: Option, **how: Any) -> Any:
    """`st.echarts_chart` with numbers as the reader writes them; takes and returns what that does."""
    return st.echarts_chart(in_words(option, speaker()), **how)
