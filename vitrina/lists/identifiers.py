"""What a column of an uploaded file identifies customers by: told by its name in three languages, or by its values."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

KINDS: Final = ("customer_id", "pinfl", "inn", "account", "agreement", "phone", "email")
# A column whose values have to be looked at one by one: each is tried as everything that it may be.
ANY: Final = "any"

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "customer_id": (
        "customerid", "customer", "clientid", "client", "idклиента", "кодклиента", "клиент", "идентификаторклиента",
        "номерклиента", "mijoz", "mijozid", "mijozidentifikatori", "mijozkodi", "mijozraqami", "id",
    ),
    "pinfl": ("pinfl", "пинфл", "jshshir", "жшшир", "jshir", "personalnumber"),
    "inn": ("inn", "инн", "stir", "стир", "tin", "taxid", "taxnumber", "taxpayernumber", "stirraqami", "номеринн"),
    "account": (
        "account", "accountnumber", "accountno", "billingaccount", "лицевойсчет", "лс", "номерлицевогосчета", "номерлс",
        "счет", "номерсчета", "лицсчет", "shaxsiyhisob", "shaxsiyhisobraqami", "hisobraqami", "hisob",
    ),
    "agreement": (
        "agreement", "agreementnumber", "contract", "contractnumber", "договор", "номердоговора", "nдоговора",
        "shartnoma", "shartnomaraqami", "kontrakt", "контракт", "номерконтракта",
    ),
    "phone": (
        "phone", "phonenumber", "mobile", "mobilenumber", "mobilephone", "msisdn", "tel", "телефон", "номертелефона",
        "тел", "номертел", "моб", "мобильный", "мобильныйтелефон", "сотовый", "номерабонента", "абонент",
        "абонентскийномер", "контактныйтелефон", "telefon", "telefonraqami", "telraqami", "raqam", "mobil", "nomer",
        "номер", "number",
    ),
    "email": (
        "email", "mail", "epochta", "elektronpochta", "pochta", "почта", "эпочта", "элпочта", "электроннаяпочта",
        "адресэлектроннойпочты", "elpochta", "emailaddress", "имейл", "емейл",
    ),
}  # fmt: skip
# Headings that may as well be those of a row's number: they tell only where nothing better does.
_WEAK: Final = {"id", "номер", "number", "nomer", "raqam", "счет", "hisob", "client", "клиент", "mijoz", "customer"}
_BY_NAME: Final = {name: kind for kind, names in _NAMES.items() for name in names}
# A heading of several words tells by these parts; what is short stands in other words.
_PARTS: Final = sorted((name for name in _BY_NAME if len(name) >= 5), key=len, reverse=True)

_PHONE = re.compile(r"(?:\+|00)?998\d{9}|8\d{9}")
_EMAIL = re.compile(r"[^@\s;,]+@[^@\s;,]+\.[^@\s;,]+")
_LOOKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "pinfl": lambda text: len(text) == 14 and text.isascii() and text.isdigit(),
    "phone": lambda text: bool(_PHONE.fullmatch(text)),
    "email": lambda text: bool(_EMAIL.fullmatch(text)),
}


@dataclass(frozen=True)
class Identified:
    """A column to match by: its place (from 0), its heading or nothing, and the kind of its values or `ANY`."""

    place: int
    name: str
    kind: str


@dataclass(frozen=True)
class Layout:
    """Which columns to match by, in the order of trust, and whether the first row is a heading."""

    columns: tuple[Identified, ...]
    has_heading: bool


def kind_of_name(heading: str) -> str | None:
    """Kind that a heading names, in Russian, Uzbek or English; None when it names none."""
    name = _plain(heading)
    if name in _BY_NAME:
        return _BY_NAME[name]
    found = next((part for part in _PARTS if part in name), None)
    return _BY_NAME[found] if found else None


def _plain(heading: str) -> str:
    return re.sub(r"[^0-9a-zа-яўқғҳ]", "", heading.lower().replace("ё", "е").replace("№", "n"))


def layout_of(sample: Sequence[Sequence[str]], chosen: Mapping[int, str] | None = None) -> Layout:
    """What to match by in a file whose first rows are these. `chosen` (place → kind) is what a person said instead."""
    heading = list(sample[0]) if sample else []
    named = {place: kind for place, cell in enumerate(heading) if (kind := kind_of_name(cell))}
    telling = {place: kind for place, kind in named.items() if _plain(heading[place]) not in _WEAK}
    named = telling or named
    has_heading = bool(named) and not any(_strong(cell) for cell in heading)
    below = sample[1:] if has_heading else sample
    kinds = dict(chosen) if chosen is not None else (named if has_heading else _by_values(below))
    if not kinds and not has_heading and len(sample) > 1:
        # A heading that names nothing: what is below it tells.
        kinds = _by_values(sample[1:])
    if not has_heading and len(sample) > 1 and kinds:
        has_heading = not any(_fits(heading[place]) for place in kinds if place < len(heading))
    columns = [
        Identified(p, heading[p].strip() if has_heading and p < len(heading) else "", k) for p, k in kinds.items()
    ]
    return Layout(tuple(sorted(columns, key=lambda each: (*KINDS, ANY).index(each.kind))), has_heading)


def _strong(cell: str) -> bool:
    """Whether a value says by itself that it is an identifier."""
    bare = re.sub(r"[\s()-]", "", cell)
    return (bare.isascii() and bare.isdigit() and len(bare) in (9, 14)) or any(look(bare) for look in _LOOKS.values())


def _fits(cell: str) -> bool:
    return any(letter.isdigit() or letter == "@" for letter in cell)


def _by_values(sample: Sequence[Sequence[str]]) -> dict[int, str]:
    """Columns most of whose values are identifiers; where there are none, the first that holds numbers at all."""
    found: dict[int, str] = {}
    width = max((len(cells) for cells in sample), default=0)
    for place in range(width):
        values = [
            re.sub(r"[\s()-]", "", cells[place]) for cells in sample if len(cells) > place and cells[place].strip()
        ]
        if values and sum(map(_strong, values)) * 2 > len(values):
            found[place] = next((k for k, look in _LOOKS.items() if sum(map(look, values)) > 0.9 * len(values)), ANY)
    if found:
        return found
    for place in range(width):
        values = [cells[place] for cells in sample if len(cells) > place and cells[place].strip()]
        if values and sum(map(_fits, values)) * 2 > len(values):
            return {place: ANY}
    return {}
