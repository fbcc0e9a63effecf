"""The colours that Streamlit has for badges, by name."""

from typing import Literal, TypeAlias

Color: TypeAlias = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "grey", "primary"]
