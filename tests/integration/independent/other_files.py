"""Bank statements, documents of the accounting, devices and the tax register, read with the standard library."""

import gzip
import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any


@dataclass
class Documents:
    """Bank statements: good documents, bad ones by file, and what each account section leaves unexplained."""

    good: list[dict[str, Any]] = field(default_factory=list)
    bad: Counter = field(default_factory=Counter)
    received: int = 0
    sections: list[dict[str, Any]] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)


def read_statements(folder: Path) -> Documents:
    """Every statement file once, whatever its name."""
    found, contents = Documents(), set()
    for path in sorted(folder.glob("*.txt")):
        content = path.read_bytes()
        if content in contents:
            found.copies.append(path.name)
            continue
        contents.add(content)
        accounts, documents = _sections(content.decode("cp1251").splitlines())
        for account in accounts:
            found.sections.append(_balance(path.name, account, documents))
        own = {account["РасчСчет"] for account in accounts}
        found.received += len(documents)
        for document in documents:
            if not _is_day(document["Дата"]):
                found.bad[path.name] += 1
                continue
            found.good.append({
                "file": path.name, "amount": Decimal(document["Сумма"]),
                "direction": "in" if document["ПолучательСчет"] in own else "out",
                "payer_inn": document.get("ПлательщикИНН"), "purpose": document.get("НазначениеПлатежа", ""),
            })  # fmt: skip
    return found


def _sections(lines: list[str]) -> tuple[list[dict], list[dict]]:
    accounts, documents, current = [], [], None
    for line in lines:
        name, _, value = line.partition("=")
        if name == "СекцияРасчСчет":
            accounts.append(current := {})
        elif name == "СекцияДокумент":
            documents.append(current := {})
        elif name.startswith("Конец") and not value:
            current = None
        elif current is not None:
            current.setdefault(name, value)
    return accounts, documents


def _balance(file: str, account: dict, documents: list[dict]) -> dict[str, Any]:
    number = account["РасчСчет"]
    received = sum((Decimal(d["Сумма"]) for d in documents if d["ПолучательСчет"] == number), Decimal(0))
    paid = sum((Decimal(d["Сумма"]) for d in documents if d["ПлательщикСчет"] == number), Decimal(0))
    change = Decimal(account["КонечныйОстаток"]) - Decimal(account["НачальныйОстаток"])
    return {"file": file, "account": number, "in": received, "out": paid, "difference": change - received + paid}


def _is_day(text: str) -> bool:
    try:
        datetime.strptime(text, "%d.%m.%Y")
    except ValueError:
        return False
    return True


def read_xml(folder: Path) -> list[dict[str, str]]:
    """Every row element of every document of a folder, in the order of names."""
    rows = []
    for path in sorted(folder.glob("*.xml")):
        rows += [{"file": path.name, **{cell.tag: cell.text or "" for cell in row}} for row in ET.parse(path).getroot()]  # noqa: S314
    return rows


def read_devices(folder: Path, subscriptions: set[int]) -> tuple[list[dict], dict[str, dict[int, str]], int]:
    """Good device rows, bad lines by file, and how many lines there are."""
    good, bad, received = [], {}, 0
    for path in sorted(folder.glob("*.jsonl.gz")):
        for number, line in enumerate(gzip.decompress(path.read_bytes()).decode().splitlines(), start=1):
            received += 1
            try:
                row = json.loads(line)
            except ValueError:
                bad.setdefault(path.name, {})[number] = "json"
                continue
            if re.fullmatch(r"\d{15}", row["imei"]) and row["subscription_id"] in subscriptions:
                good.append(row | {"event_date": date.fromisoformat(row["event_date"])})
            else:
                bad.setdefault(path.name, {})[number] = "imei"
    return good, bad, received


LEGAL = {"active", "suspended", "in_liquidation", "liquidated", "blocked"}


def read_tax(path: Path) -> dict[str, tuple[list[dict], list[str]]]:
    """Good rows of the register and keys of the bad ones: `taxpayer` and `einvoice`."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    found: dict[str, tuple[list[dict], list[str]]] = {}
    for table, key, day in (("taxpayer", "inn", "status_date"), ("einvoice", "einvoice_id", "issued_date")):
        good, bad = found.setdefault(table, ([], []))
        for row in map(dict, connection.execute(f"select * from {table}")):
            right = re.fullmatch(r"\d{9}", row["inn"]) and row["legal_status"] in LEGAL if table == "taxpayer" else (
                row["amount"] >= 0)  # fmt: skip
            try:
                row[day] = date.fromisoformat(row[day])
            except ValueError:
                right = False
            good.append(row) if right else bad.append(row[key])
    connection.close()
    return found
