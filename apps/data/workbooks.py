"""A workbook of one sheet, written row by row: however long it is, only a row of it is in memory."""

import datetime as dt
import html
import zipfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

MOST_ROWS: Final = 1_048_575
_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/styles.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"""
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROOT = f"""<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"""
_BOOK = f"""<?xml version="1.0" encoding="UTF-8"?>
<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>"""
_BOOK_PARTS = f"""<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="r2" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>"""
# Style 1 is a date, 2 a moment, 3 the heading.
_STYLES = f"""<?xml version="1.0" encoding="UTF-8"?>
<styleSheet xmlns="{_MAIN}"><fonts count="2"><font/><font><b/></font></fonts><fills count="1"><fill/></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/>
<xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/>
<xf fontId="1" applyFont="1"/></cellXfs></styleSheet>"""
_EPOCH = dt.datetime(1899, 12, 30)


class Workbook:
    """Open it, give it rows, close it. Text is kept as text, so that nothing in it becomes a formula."""

    def __init__(self, path: Path, headings: Sequence[str]) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        for name, text in (
            ("[Content_Types].xml", _TYPES), ("_rels/.rels", _ROOT), ("xl/workbook.xml", _BOOK),
            ("xl/_rels/workbook.xml.rels", _BOOK_PARTS), ("xl/styles.xml", _STYLES),
        ):  # fmt: skip
            self._zip.writestr(name, text)
        self._sheet = self._zip.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._sheet.write(f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        self._line("".join(_text(each, 3) for each in headings))

    def rows(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows."""
        for row in rows:
            self._line("".join(_cell(value) for value in row))

    def close(self) -> None:
        """Finish the file."""
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()

    def _line(self, cells: str) -> None:
        self._sheet.write(f"<row>{cells}</row>".encode())


def _cell(value: Any) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float | Decimal):
        is_exact = -(10**15) < value < 10**15
        return f"<c><v>{value}</v></c>" if is_exact else _text(str(value))
    if isinstance(value, dt.datetime):
        return f'<c s="2"><v>{(value.replace(tzinfo=None) - _EPOCH) / dt.timedelta(days=1)}</v></c>'
    if isinstance(value, dt.date):
        return f'<c s="1"><v>{(dt.datetime(value.year, value.month, value.day) - _EPOCH).days}</v></c>'
    return _text(str(value))


def _text(text: str, style: int = 0) -> str:
    shown = "".join(sign for sign in text if sign >= " " or sign in "\n\t")
    mark = f' s="{style}"' if style else ""
    return f'<c t="inlineStr"{mark}><is><t xml:space="preserve">{html.escape(shown, quote=False)}</t></is></c>'
