"""Texts of messages: what authors may write, how a customer's text is made of it, and how it looks on real customers.

A text holds placeholders, conditions and the filters listed here, nothing else: no calls, no attributes, no loops. What
a customer has no value for is an error unless the text says what to write instead (`{{ name | default_text("…") }}`).
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Final

from jinja2 import Environment, Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.runtime import StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from crm.delivery.sms_text import SmsSize, plain_marks, size
from crm.errors import CrmError
from crm.services.delivery.values import Medium

# What delivery itself knows of every message.
OWN: Final = frozenset({"page_url", "stop_url"})
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter, nodes.If, nodes.And,
    nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Test,
)  # fmt: skip
_TESTS = frozenset({"defined", "undefined"})


class Missing(UserWarning):
    """The customer has no value for a placeholder that the text gives no other words for."""


class Blank(StrictUndefined):
    """A placeholder without a value: it can be asked for in a condition, but not written."""

    def __bool__(self) -> bool:  # type: ignore[override]
        return False


def default_text(value: object, words: str) -> object:
    """The value, or other words where there is none."""
    return words if isinstance(value, Undefined) or str(value).strip() == "" else value


def money(value: object, digits: int = 0) -> str:
    """An amount with thin groups of three: 1 234 567."""
    return f"{Decimal(str(_known(value))):,.{max(0, min(int(digits), 4))}f}".replace(",", " ")


def date(value: object) -> str:
    """A day as it is written here: 24.11.2026."""
    given = _known(value)
    day = given if isinstance(given, dt.date) else dt.date.fromisoformat(str(given)[:10])
    return f"{day:%d.%m.%Y}"


def capital(value: object) -> str:
    """The first letter of every word large, as names are: ALIYEV → Aliyev."""
    return " ".join(part[:1].upper() + part[1:].lower() for part in str(_known(value)).split(" "))


FILTERS: Final = {"default_text": default_text, "money": money, "date": date, "capital": capital}


def _known(value: object) -> object:
    return value._fail_with_undefined_error() if isinstance(value, Undefined) else value


def _environment(autoescape: bool) -> Environment:
    environment = ImmutableSandboxedEnvironment(autoescape=autoescape, undefined=Blank, keep_trailing_newline=True)
    environment.filters = dict(FILTERS)
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    environment.globals = {}
    return environment


_ENVIRONMENTS = {autoescape: _environment(autoescape) for autoescape in (False, True)}


def check(text: str, known: Collection[str]) -> frozenset[str]:
    """The placeholders of a text. Raises `CrmError` for one that is not `known`, and for all that is not allowed."""
    used = _names(text)
    for name in sorted(used - OWN - frozenset(known)):
        raise CrmError("placeholder_unknown", name=name[:80])
    return used


def _names(text: str) -> frozenset[str]:
    try:
        tree = _ENVIRONMENTS[False].parse(text)
    except TemplateSyntaxError as error:
        raise CrmError("template_error", problem=str(error.message)[:200]) from None
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            raise CrmError("template_forbidden", problem=type(node).__name__.lower())
        _require_listed(node)
    return frozenset(node.name for node in tree.find_all(nodes.Name))


def _require_listed(node: nodes.Node) -> None:
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise CrmError("template_forbidden", problem=node.name[:80])
    if isinstance(node, nodes.Test) and node.name not in _TESTS:
        raise CrmError("template_forbidden", problem=node.name[:80])
    if isinstance(node, nodes.Name) and node.ctx != "load":
        raise CrmError("template_forbidden", problem=node.name[:80])


@lru_cache(maxsize=2048)
def compiled(text: str, autoescape: bool) -> Template:
    """A text made ready. Raises `CrmError` for one that is not allowed, whatever placeholders it has."""
    _names(text)
    return _ENVIRONMENTS[autoescape].from_string(text)


def render(text: str, values: Mapping[str, object], autoescape: bool = False) -> str:
    """The text for one customer. Raises `Missing` with the sentence about what he has no value for."""
    given = {name: value for name, value in values.items() if value is not None and value != ""}
    try:
        return compiled(text, autoescape).render(given)
    except UndefinedError as error:
        raise Missing(str(error.message)) from None
    except (ValueError, ArithmeticError, TypeError) as error:
        raise Missing(f"{type(error).__name__}: {error}") from None


@dataclass(frozen=True, slots=True)
class Content:
    """A message's words, as they go out. `sms`: what an SMS costs."""

    text: str
    subject: str = ""
    html: str = ""
    sms: SmsSize | None = None


def content(
    channel: str, text: str, subject: str, html: str, values: Mapping[str, object], simple_marks: bool = True
) -> Content:
    """What a customer gets in a channel. Raises `Missing`, and `CrmError` for texts that are not allowed."""
    words = render(text, values)
    if channel == Medium.SMS:
        words = plain_marks(words) if simple_marks else words
        return Content(words, sms=size(words))
    # A line end in a subject would begin a header of the author's own.
    title = " ".join(render(subject, values).split()) if subject else ""
    if channel != Medium.EMAIL:
        return Content(words, title)
    return Content(words, title, render(html, values, True) if html else paragraphs(words))


def paragraphs(words: str) -> str:
    """A plain text as HTML: its paragraphs, nothing of it taken for a tag."""
    blocks = [block.strip() for block in words.split("\n\n") if block.strip()]
    shown = ("<br>\n".join(escape(line) for line in block.splitlines()) for block in blocks)
    return "".join(f"<p>{block}</p>\n" for block in shown)


@dataclass(frozen=True, slots=True)
class Preview:
    """One customer's text; or why there is none (`problem`)."""

    content: Content | None
    problem: str = ""


def preview(
    channel: str, text: str, subject: str, html: str, rows: Iterable[Mapping[str, object]], simple_marks: bool = True
) -> list[Preview]:
    """The text on sample customers, in their order. `rows` hold values by placeholder. Raises `CrmError`."""
    links = {
        "page_url": "https://example.uz/l/AbCdEfGhIjKlMnOpQrStUv",
        "stop_url": "https://example.uz/l/AbCdEfGhIjKlMnOpQrStUv/stop",
    }
    shown = []
    for row in rows:
        try:
            shown.append(Preview(content(channel, text, subject, html, {**links, **row}, simple_marks)))
        except Missing as error:
            shown.append(Preview(None, str(error)))
    return shown
