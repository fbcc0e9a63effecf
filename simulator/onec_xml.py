"""XML documents of the accounting system: counterparties, invoices, reconciliation acts."""

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from simulator.onec_tags import DOCUMENTS

Row = dict[str, str | None]


def xml_document(entity: str, rows: list[Row], made_on: str) -> bytes:
    """A document with one element per row; empty fields are left out, as the accounting system does."""
    root, element, tags = DOCUMENTS[entity]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<{root} ДатаФормирования={quoteattr(made_on)}>"]
    for row in rows:
        lines.append(f"\t<{element}>")
        lines += [f"\t\t<{tags[k]}>{escape(v)}</{tags[k]}>" for k, v in row.items() if v is not None]
        lines.append(f"\t</{element}>")
    return "\r\n".join([*lines, f"</{root}>", ""]).encode()


def write_xml(entity: str, rows: list[Row], path: Path, made_on: str) -> None:
    """Write such a document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(xml_document(entity, rows, made_on))
