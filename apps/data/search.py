"""What a person typed into the search field, understood: a phone in any form, an INN, a PINFL, a number, or a name.

Names are compared by the key that the mart stores (`name_key`); `name_key` here follows the dbt macro of that name.
"""

import re
from dataclasses import dataclass

_PAIRS = (
    ("Щ", "SHCH"),
    ("Ш", "SH"),
    ("Ч", "CH"),
    ("Ж", "J"),
    ("Ц", "TS"),
    ("Ю", "YU"),
    ("Я", "YA"),
    ("Ё", "YO"),
)
_SINGLE = str.maketrans("АБВГҒДЕЗИЙКҚЛМНОЎПРСТУФХҲЪЫЬЭ", "ABVGGDEZIYKQLMNOOPRSTUFXHIIIE"[:29])
_FOLDS = (("KH", "H"), ("X", "H"), ("ZH", "J"), ("DJ", "J"), ("Q", "K"), ("YO", "E"), ("IY", "I"), ("YE", "E"))


@dataclass(frozen=True)
class Query:
    """A search, by whichever of these it can be; an empty one asks for everybody."""

    text: str = ""
    name_words: tuple[str, ...] = ()
    phone: str | None = None
    inn: str | None = None
    pinfl: str | None = None
    number: str | None = None
    customer_id: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked."""
        return not self.text


def parse(text: str) -> Query:
    """Understand a search line. Digits may be several things at once (nine are an INN or a phone): all are tried."""
    text = " ".join(text.split())[:200]
    if not text:
        return Query()
    digits = re.sub(r"\D", "", text)
    if digits and re.fullmatch(r"[\d\s()+\-.–]+", text):
        return Query(
            text=text,
            phone=_phone(digits),
            inn=digits if len(digits) == 9 else None,
            pinfl=digits if len(digits) == 14 else None,
            number=text.replace(" ", ""),
            customer_id=int(digits) if len(digits) <= 12 else None,
        )
    if digits:
        return Query(text=text, number=text.replace(" ", ""), name_words=tuple(name_key(text).split()))
    return Query(text=text, name_words=tuple(name_key(text).split()))


def _phone(digits: str) -> str | None:
    if len(digits) == 9:
        return "+998" + digits
    if len(digits) == 12 and digits.startswith("998"):
        return "+" + digits
    return "+998" + digits[1:] if len(digits) == 10 and digits.startswith("8") else None


def name_key(text: str) -> str:
    """Latin key of a name in either script, as the mart's `name_key` makes it.

    >>> name_key("Каримов Жасур") == name_key("Karimov Jasur")
    True
    """
    key = text.upper()
    for cyrillic, latin in _PAIRS:
        key = key.replace(cyrillic, latin)
    key = re.sub(r"['`ʻʼ’‘]", "", key.translate(_SINGLE))
    for old, new in _FOLDS:
        key = key.replace(old, new)
    return re.sub(r"[^A-Z0-9]+", " ", key).strip()
