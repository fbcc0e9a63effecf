"""XML by configuration: one row per element, fields by path, in a stream and without the network or entities."""

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree


class BrokenXmlError(ValueError):
    """The document is not well-formed; the message says where."""


def rows_of(stream: BinaryIO, rows: str, fields: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Rows of an XML stream: the fields as text (None where absent), `_line` and `_text` (the element as it stands).

    `rows` is a path of local names, matched at the end of an element's path. A field's path goes down
    (`Party/INN`), to an attribute (`@id`), up (`../@date`), or is several such, separated by `|`.
    """
    wanted = [step for step in rows.strip("/").split("/") if step]
    paths = {name: [part.strip() for part in path.split("|")] for name, path in fields.items()}
    try:
        parser = etree.iterparse(
            stream, events=("end",), tag="{*}" + wanted[-1], resolve_entities=False, no_network=True, huge_tree=False
        )
        for _event, element in parser:
            if _ancestry(element, len(wanted)) == wanted:
                row: dict[str, Any] = {name: _first(element, options) for name, options in paths.items()}
                row["_line"] = element.sourceline
                row["_text"] = etree.tostring(element, encoding="unicode", with_tail=False)
                yield row
            _forget(element)
    except etree.XMLSyntaxError as error:
        raise BrokenXmlError(str(error)) from None


def rows_of_bytes(content: bytes, rows: str, fields: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The same for a document in memory."""
    return rows_of(io.BytesIO(content), rows, fields)


def _ancestry(element: Any, depth: int) -> list[str]:
    names: list[str] = []
    while element is not None and len(names) < depth:
        names.insert(0, etree.QName(element).localname)
        element = element.getparent()
    return names


def _first(element: Any, options: list[str]) -> str | None:
    for path in options:
        value = _at(element, path)
        if value is not None and value.strip():
            return value.strip()
    return None


def _at(element: Any, path: str) -> str | None:
    for step in path.split("/"):
        if element is None:
            return None
        if step == "..":
            element = element.getparent()
        elif step.startswith("@"):
            return element.get(step[1:])
        elif step not in (".", ""):
            element = element.find("{*}" + step)
    return None if element is None else element.text


def _forget(element: Any) -> None:
    """Free what was read: a document of any size takes the memory of one row."""
    element.clear(keep_tail=True)
    before = element.getprevious()
    if before is not None and before.tag == element.tag:
        element.getparent().remove(before)
