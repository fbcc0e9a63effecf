"""The editor of campaign flows in the browser: @xyflow/react in a Streamlit component.

`flow_editor` mounts it and tells what was last drawn in it. The browser side is in `src`; `make setup` bundles it into
`build`. Not here: what a flow means, and the figures and words that are handed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

HERE = Path(__file__).resolve().parent
_PROJECT, _NAME, _ASSETS = "vitrina", "flow_editor", "build"


@dataclass(frozen=True)
class Drawn:
    """What the browser sent last: the flow's `document` (None: nothing was changed yet), based on the `revision` that
    it had been given, as its change number `sequence`; and the id of the node that is `selected` ("": none)."""

    document: Mapping[str, Any] | None
    revision: int
    sequence: int
    selected: str


def is_built() -> bool:
    """Whether the bundle is there."""
    return len(list((HERE / _ASSETS).glob("editor-*.js"))) == 1


def flow_editor(data: Mapping[str, Any], key: str) -> Drawn:
    """Show the editor. `data` is described in `src/types.ts`."""
    _component(get_bidi_component_manager())(
        key=key, data=data, on_value_change=_nothing, on_selected_change=_nothing
    )  # fmt: skip
    return drawn(key)


def drawn(key: str) -> Drawn:
    """What the browser has sent so far; may be asked before the editor is shown."""
    state = st.session_state.get(key) or {}
    value = state.get("value") or {}
    document, selected = value.get("document"), state.get("selected")
    return Drawn(
        document if isinstance(document, dict) else None,
        _whole(value.get("revision")),
        _whole(value.get("sequence")),
        selected if isinstance(selected, str) else "",
    )


def _whole(found: Any) -> int:
    return found if isinstance(found, int) else 0


def _nothing() -> None:
    """Streamlit keeps a value of a component only where somebody listens to it."""


@lru_cache(maxsize=4)
def _component(manager: BidiComponentManager) -> Callable[..., Any]:
    """Registered once for each running server. Said here instead of in an installed package's metadata, because the
    checkout itself is what runs."""
    config = ComponentConfig(_NAME, _ASSETS if is_built() else None)
    manager.register_from_manifest(ComponentManifest(_PROJECT, "1", [config]), HERE)
    js = "editor-*.js" if is_built() else None
    return st.components.v2.component(f"{_PROJECT}.{_NAME}", js=js)
