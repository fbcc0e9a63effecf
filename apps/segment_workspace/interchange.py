"""Definitions in and out as JSON: our own format, and JsonLogic."""

import json
from typing import Any

import streamlit as st

from apps.data.segment_catalogue import catalogue
from apps.language import t
from apps.segment_workspace import bench as desks
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import show_problems
from apps.snapshot import reader
from segments.catalogue import Catalogue
from segments.definition import dump, parse
from segments.errors import DefinitionError
from segments.jsonlogic import export_jsonlogic, import_jsonlogic


def show_json(found: Desk) -> None:
    """The definition to be copied from the screen."""

    @st.dialog(t("The definition as JSON"), width="large")
    def shown() -> None:
        kind = st.segmented_control(
            t("Format"), ["Vitrina", "JsonLogic"], default="Vitrina", required=True, key="json_kind"
        )
        try:
            st.code(json.dumps(_written(found, str(kind)), ensure_ascii=False, indent=2), language="json", height=420)
        except DefinitionError as error:
            show_problems(error.problems)

    shown()


def _written(found: Desk, kind: str) -> Any:
    definition = parse(found.document)
    return dump(definition) if kind == "Vitrina" else export_jsonlogic(definition, catalogue(reader()))


def import_dialog(found: Desk) -> None:
    """Paste a text or choose a file; what it holds takes the place of the conditions, which can be undone."""

    @st.dialog(t("Take over a definition"), width="large")
    def asked() -> None:
        text = st.text_area(t("JSON or JsonLogic"), key="import_text", height=260, max_chars=200_000)
        file = st.file_uploader(t("Or a file"), type=["json"], key="import_file", max_upload_size=1)
        if file is not None:
            text = file.getvalue().decode("utf-8", errors="replace")
        if st.button(t("Take over"), type="primary", key="import_go", disabled=not text):
            try:
                desks.load_into(found, read(text or "", catalogue(reader())))
            except DefinitionError as error:
                show_problems(error.problems)
            else:
                st.rerun()

    asked()


def read(text: str, known: Catalogue) -> dict[str, Any]:
    """A definition from either format. Raises `DefinitionError`."""
    try:
        plain = json.loads(text)
    except ValueError:
        return dump(parse(text))
    if isinstance(plain, dict) and "version" in plain:
        return dump(parse(plain))
    return dump(import_jsonlogic(plain, known))
