"""What people read: messages in their language, and numbers, money and dates as they write them.

Catalogues are gettext `.po` files beside this module. They are compiled in memory when a language is first asked
for, so there is no build step and nothing generated to keep in step with the source.
"""

import datetime as dt
import gettext
import io
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import get_month_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_decimal

LOCALE_DIR = Path(__file__).resolve().parent / "locale"
DEFAULT_LANGUAGE = "ru"
LANGUAGES = {"ru": "Русский", "uz": "Oʻzbekcha", "en": "English"}
BABEL_LOCALES = {"ru": "ru_RU", "uz": "uz_Latn_UZ", "en": "en_GB"}
NARROW_SPACE = "\u202f"
DASH = "—"

Number = int | float | Decimal


def _load(language: str) -> gettext.GNUTranslations:
    path = LOCALE_DIR / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as source:
        catalog = read_po(source, locale=BABEL_LOCALES[language])
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Translator:
    """One language: `text` for messages, the rest for values. `None` is always shown as a dash.

    Numbers are grouped by a narrow no-break space and dates are DD.MM.YYYY in all three languages, because the same
    people read the same figures in several of them.
    """

    def __init__(self, language: str, timezone: str = "Asia/Tashkent") -> None:
        if language not in LANGUAGES:
            raise ValueError(f"unknown language: {language}")
        self.language = language
        self.locale = BABEL_LOCALES[language]
        self._zone = ZoneInfo(timezone)
        self._catalog = _load(language)

    def text(self, message: str, **values: object) -> str:
        """The message in this language, with `{name}` places filled from `values`."""
        translated = self._catalog.gettext(message)
        return translated.format(**values) if values else translated

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        """The form of the message for `count`; `{count}` in it is the formatted number."""
        return self._catalog.ngettext(one, many, count).format(count=self.number(count), **values)

    def has(self, message: str) -> bool:
        """Whether the catalogue holds this message (for keys that come from data)."""
        return self._catalog.gettext(message) != message

    def number(self, value: Number | None, digits: int = 0) -> str:
        """A grouped number with a fixed count of decimal digits."""
        if value is None or value != value:
            return DASH
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return self._grouped(format_decimal(value, format=pattern, locale=self.locale, group_separator=True))

    def compact(self, value: Number | None) -> str:
        """A number in thousands, millions or billions, for a headline figure."""
        if value is None or value != value:
            return DASH
        size = -value if value < 0 else value
        if size < 10_000:
            return self.number(value)
        # Three digits say enough: 4,5 million but 355 thousand.
        whole_digits = (len(str(int(size))) - 1) % 3 + 1
        digits = 0 if whole_digits == 3 else 1
        return self._grouped(format_compact_decimal(value, locale=self.locale, fraction_digits=digits))

    def money(self, value: Number | None, digits: int = 0) -> str:
        """An amount in soʻm, in full."""
        return DASH if value is None else f"{self.number(value, digits)}{NARROW_SPACE}{self.text('soʻm')}"

    def compact_money(self, value: Number | None) -> str:
        """An amount in soʻm in millions or billions."""
        return DASH if value is None else f"{self.compact(value)}{NARROW_SPACE}{self.text('soʻm')}"

    def percent(self, value: Number | None, digits: int = 1) -> str:
        """A share given in percent (12.5 is 12.5 %)."""
        return DASH if value is None else f"{self.number(value, digits)}{NARROW_SPACE}%"

    def date(self, value: dt.date | None) -> str:
        """DD.MM.YYYY; a timestamp is taken in UTC and shown in the operator's time zone."""
        if isinstance(value, dt.datetime):
            value = self._local(value)
        return DASH if value is None else f"{value:%d.%m.%Y}"

    def moment(self, value: dt.datetime | None) -> str:
        """DD.MM.YYYY HH:MM in the operator's time zone."""
        return DASH if value is None else f"{self._local(value):%d.%m.%Y %H:%M}"

    def month(self, value: dt.date | None) -> str:
        """Month and year in words, such as «октябрь 2026»."""
        if value is None:
            return DASH
        return f"{get_month_names('wide', 'stand-alone', self.locale)[value.month]} {value.year}"

    def short_month(self, value: dt.date | None) -> str:
        """MM.YYYY, for axes and table heads."""
        return DASH if value is None else f"{value:%m.%Y}"

    def _local(self, value: dt.datetime) -> dt.datetime:
        return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo("UTC"))).astimezone(self._zone)

    def _grouped(self, text: str) -> str:
        if self.language == "en":
            text = text.replace(",", NARROW_SPACE)
        return text.replace("\u00a0", NARROW_SPACE).replace(" ", NARROW_SPACE)


@lru_cache(maxsize=len(LANGUAGES))
def translator(language: str) -> Translator:
    """The translator of a language, made once per process. Raises `ValueError` for an unknown language."""
    return Translator(language)
