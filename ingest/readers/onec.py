"""1CClientBankExchange, the text format in which banks and 1C exchange statements and payment orders.

Our own small parser: the packages on PyPI for this format are abandoned (2017-2023), and banks' files need tolerance
that they lack: no account section, fields in any order and more than once, a damaged last line.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

START = "1CClientBankExchange"
_END = "КонецФайла"
_DATE = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})$")


class NotAStatementError(ValueError):
    """The file does not begin as the format prescribes."""


@dataclass
class Section:
    """One block: its kind (`РасчСчет` or `Документ`), first line, fields as first given, and its text."""

    kind: str
    line: int
    title: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)
    closed: bool = False

    def first(self, *names: str) -> str | None:
        """The first of the named fields that has a value."""
        return next((value for name in names if (value := self.fields.get(name))), None)


@dataclass
class Statement:
    """A parsed file. `faults` are codes with values for people; the rows stay usable."""

    header: Section
    accounts: list[Section]
    documents: list[Section]
    faults: list[tuple[str, dict[str, object]]]


def parse(content: bytes) -> Statement:
    """Take a file apart. Raises `NotAStatementError` when its first line is not the format's."""
    lines = list(_lines(content))
    if not lines or lines[0].lstrip("\ufeff").strip() != START:
        raise NotAStatementError(f"the first line must be {START}")
    header = Section("header", 1, closed=True)
    statement = Statement(header, [], [], [])
    current: Section | None = None
    for number, line in enumerate(lines[1:], start=2):
        name, _, value = line.partition("=")
        name, value = name.strip(), value.strip()
        if name in ("СекцияРасчСчет", "СекцияДокумент"):
            _unclosed(statement, current)
            current = Section(name.removeprefix("Секция"), number, value)
            (statement.accounts if current.kind == "РасчСчет" else statement.documents).append(current)
        target = current or header
        target.text.append(line)
        if name in ("КонецРасчСчет", "КонецДокумента") and current:
            current.closed, current = True, None
        elif name and "=" in line and (value or name not in target.fields) and not target.fields.get(name):
            target.fields[name] = value
    _unclosed(statement, current)
    if lines[-1].strip() != _END:
        statement.faults.append(("closing_line_damaged", {"line": len(lines)}))
    return statement


def document_rows(statement: Statement, file_name: str) -> Iterator[dict[str, object]]:
    """One row per payment document, named as the contract names them; dates ISO, amounts with a point."""
    own = [account for account in map(_account, statement.accounts) if account]
    default = own[0] if own else statement.header.first("РасчСчет")
    for section in statement.documents:
        payer, recipient = (_party(section, side) for side in ("Плательщик", "Получатель"))
        account = next((a for a in (payer["account"], recipient["account"]) if a in own), default)
        number, day = section.first("Номер"), _iso(section.first("Дата"))
        amount = _amount(section.first("Сумма"))
        key = (account, number, day, amount, payer["inn"] or payer["name"] or payer["account"])
        yield {
            "document_key": _hash(*key), "statement_file": file_name, "statement_account": account,
            "document_type": section.title or statement.header.first("Документ"), "document_number": number,
            "document_date": day, "amount": amount, "debited_date": _iso(section.first("ДатаСписано")),
            "credited_date": _iso(section.first("ДатаПоступило")),
            **{f"payer_{name}": value for name, value in payer.items()},
            **{f"recipient_{name}": value for name, value in recipient.items()},
            "purpose": _purpose(section), "direction": _direction(account, payer["account"], recipient["account"]),
            "_line": section.line, "_text": "\n".join(section.text),
        }  # fmt: skip


def statement_rows(statement: Statement, file_name: str) -> Iterator[dict[str, object]]:
    """One row per account section with its balances, the sums of its documents and what does not add up."""
    documents = list(document_rows(statement, file_name))
    for section in statement.accounts:
        account = _account(section) or statement.header.first("РасчСчет")
        start = _iso(section.first("ДатаНачала") or statement.header.first("ДатаНачала"))
        end = _iso(section.first("ДатаКонца") or statement.header.first("ДатаКонца"))
        opening, closing = (_amount(section.first(name)) for name in ("НачальныйОстаток", "КонечныйОстаток"))
        mine = [row for row in documents if row["statement_account"] == account]
        received, paid = (_total(mine, direction) for direction in ("in", "out"))
        yield {
            "statement_key": _hash(account, start, end), "statement_file": file_name, "account": account,
            "period_start": start, "period_end": end, "opening_balance": opening,
            "received_total": _amount(section.first("ВсегоПоступило")),
            "debited_total": _amount(section.first("ВсегоСписано")), "closing_balance": closing,
            "documents_in": str(received), "documents_out": str(paid),
            "balance_difference": _difference(opening, closing, received, paid),
            "_line": section.line, "_text": "\n".join(section.text),
        }  # fmt: skip


def _lines(content: bytes) -> Iterator[str]:
    """Decoded lines. The encoding is what the header names; a single line in UTF-8 (seen in real files) is borne."""
    raw = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    while raw and not raw[-1].strip():
        raw.pop()
    encoding = _encoding(raw[:15])
    for line in raw:
        try:
            yield line.decode(encoding)
        except UnicodeDecodeError:
            yield line.decode(encoding, errors="replace")


def _encoding(head: list[bytes]) -> str:
    if head and head[0].startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    for line in head:
        if b"=DOS" in line:
            return "cp866"
        if line.upper().endswith((b"=UTF-8", b"=UTF8")):
            return "utf-8"
    return "utf-8" if any("ВерсияФормата".encode() in line for line in head) else "cp1251"


def _unclosed(statement: Statement, section: Section | None) -> None:
    if section is not None and not section.closed:
        statement.faults.append(("unclosed_section", {"line": section.line}))


def _account(section: Section) -> str | None:
    return section.first("РасчСчет")


def _party(section: Section, side: str) -> dict[str, str | None]:
    name = section.first(f"{side}1", side)
    inn = section.first(f"{side}ИНН")
    if name and inn and name.startswith(inn):
        name = name[len(inn) :].lstrip(" ,") or None
    return {
        "name": name, "inn": inn, "account": section.first(f"{side}Счет", f"{side}РасчСчет"),
        "bank_code": section.first(f"{side}БИК", f"{side}МФО"),
    }  # fmt: skip


def _purpose(section: Section) -> str | None:
    whole = section.first("НазначениеПлатежа")
    return whole or " ".join(filter(None, (section.first(f"НазначениеПлатежа{n}") for n in range(1, 7)))) or None


def _direction(account: str | None, payer: str | None, recipient: str | None) -> str:
    if account is None or payer == recipient:
        return "unknown"
    return "out" if payer == account else "in" if recipient == account else "unknown"


def _iso(text: str | None) -> str | None:
    found = _DATE.match(text) if text else None
    return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}" if found else text


def _amount(text: str | None) -> str | None:
    """Digits with a point, however the bank groups them; what is no amount stays, for the contract to refuse."""
    if text is None:
        return None
    return re.sub(r"(?<=\d)[,-](?=\d{1,2}$)", ".", re.sub(r"[\s\u00a0']", "", text))


def _decimal(text: object) -> Decimal | None:
    try:
        return Decimal(str(text)) if text is not None else None
    except InvalidOperation:
        return None


def _total(rows: list[dict[str, object]], direction: str) -> Decimal:
    return sum((_decimal(row["amount"]) or Decimal(0) for row in rows if row["direction"] == direction), Decimal(0))


def _difference(opening: str | None, closing: str | None, received: Decimal, paid: Decimal) -> str | None:
    start, end = _decimal(opening), _decimal(closing)
    return None if start is None or end is None else str(end - (start + received - paid))


def _hash(*parts: object) -> str:
    return hashlib.sha256("\x1f".join("" if part is None else str(part) for part in parts).encode()).hexdigest()[:32]
