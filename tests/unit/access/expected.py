"""What a person ought to see, worked out in Python from the rows themselves: the other side of the comparison.

Nothing here comes from the compiler of the gate: rows by the rule of the brief, masks by what they ought to look like.
The policy of a table is taken from tables.yaml, which is what the tests hold the gate to.
"""

import datetime as dt
import hashlib
import hmac
from typing import Any

import yaml

from tests.unit.access.conftest import SECRET
from tests.unit.access.contract_operator import Row, customer_type, manager, profile_classes, region
from vitrina.access.policy import TABLES_FILE
from vitrina.access.rights import Mask, Rights, Scope

TABLES: dict[str, Any] = yaml.safe_load(TABLES_FILE.read_text(encoding="utf-8"))
ORDER = [Scope.OWN, Scope.GROUP, Scope.UNIT, Scope.ALL]
_KEY = hmac.new(SECRET, b"vitrina masked values", hashlib.sha256).hexdigest()


def scope_of(table: str, rights: Rights, action: str) -> Scope | None:
    """The narrower of the right to see and the right to do; None when either is lacking."""
    subject = TABLES[table]["object"]
    if subject == "anyone":
        return Scope.ALL
    scopes = [rights.grants.get((subject, each)) for each in ("view", action)]
    return None if None in scopes else min(scopes, key=ORDER.index)


def rows(table: str, raw: list[Row], rights: Rights, action: str = "view") -> list[tuple]:
    """The rows of a table as this person ought to see them."""
    scope = scope_of(table, rights, action)
    seen = [row for row in raw if scope is not None and _is_in(table, row, scope, rights)]
    columns = [(name, label) for name in raw[0] if (label := _label(table, name)) is not None]
    return [tuple(_shown(table, row, name, label, rights) for name, label in columns) for row in seen]


def _is_in(table: str, row: Row, scope: Scope, rights: Rights) -> bool:
    rule = TABLES[table]["rows"]
    if scope is Scope.ALL or rule == "reference":
        return True
    if rule == "company":
        return False
    reached = ORDER[: ORDER.index(scope) + 1]
    people = set().union(*(rights.employees.get(each, set()) for each in reached))
    regions = set().union(*(rights.regions.get(each, set()) for each in reached))
    if "employee" in rule:
        return row[rule["employee"]] in people
    return all(
        row[key] is not None
        and (manager(row[key]) in people if manager(row[key]) else region(row[key]) in regions)
        for key in rule["customer"]
    )  # fmt: skip


def _label(table: str, column: str) -> str | None:
    for label, columns in TABLES[table]["columns"].items():
        if column in columns:
            return label
    return "open" if TABLES[table].get("catalogue") and profile_classes().get(column) == "none" else None


def _shown(table: str, row: Row, column: str, label: str, rights: Rights) -> Any:
    value, (column_class, _, shape) = row[column], label.partition(".")
    business = TABLES[table].get("business")
    if column_class == "open" or value is None:
        return value
    about = row.get("company_id", row.get("customer_id"))  # a row of a group is about the other company
    if column_class == "name" and business and customer_type(about) == "organisation":
        return value
    mask = rights.masks.get(column_class, Mask.ABSENT)
    if mask is Mask.OPEN:
        return value
    if mask is Mask.HASHED and isinstance(value, str):
        return hashlib.sha256((_KEY + value).encode()).hexdigest()[:32]
    return partial(value, shape) if mask is Mask.PARTIAL else None


def partial(value: Any, shape: str) -> Any:
    """What is left of a value under a partial mask."""
    dots = "•••••"
    match shape, value:
        case "full", str():
            words = value.split()
            return words[0][0] + dots + (f" {words[1][0]}." if len(words) > 1 else ".")
        case "part", str():
            return value[0] + dots
        case "initial", str():
            return value[0] + "."
        case "phone", str() if value.startswith("+998") and len(value) == 13:
            return f"+998 {value[4:6]} ••• •• {value[-2:]}"
        case "phone", str():
            return "••• •• " + (value[-2:] if len(value) > 6 else "")
        case "email", str():
            return value[0] + "•••" + (value[value.rindex("@") :] if "@" in value else "")
        case "address", str():
            return dots
        case "number" | "inn", str():
            return dots + (value[-2:] if len(value) > 6 else "")
        case "account", str():
            return dots + (value[-4:] if len(value) > 10 else "")
        case "imei", str():
            return (value[:8] if len(value) > 12 else "") + dots
        case "imsi", str():
            return (value[:5] if len(value) > 9 else "") + dots
        case "date", dt.date():
            return value.replace(month=1, day=1)
        case "age", int():
            return value // 10 * 10
        case "coarse", _:
            return value
    return None
