"""What a template says: its texts per language, read and checked."""

from collections.abc import Iterator, Mapping
from typing import Any

from crm.campaign_messages import PROBLEMS
from crm.delivery import rendering
from crm.errors import CrmError
from crm.services.campaigns.placeholders import PLACEHOLDERS
from crm.services.versioned import require_storable
from segments.errors import DefinitionError, Problem

LANGUAGES = ("ru", "uz", "en")
FIELDS = ("text", "subject", "html")
# Signs of a text before its placeholders are filled in: ten parts of an SMS, what Telegram and push services take.
LONGEST = {"sms": 1530, "telegram": 4096, "push": 1000, "email": 60_000, "call": 4000}


def checked(channel: str, variants: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The document of a template's texts. Raises `DefinitionError` with every place to mend."""
    if problems := list(_problems(channel, variants)):
        raise DefinitionError(problems)
    document = {
        "version": 1,
        "variants": {
            language: {name: str(texts[name]).strip() for name in FIELDS if str(texts.get(name, "")).strip()}
            for language, texts in sorted(variants.items())
        },
    }
    require_storable(document)
    return document


def _problems(channel: str, variants: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    if not isinstance(variants, Mapping) or not variants:
        yield Problem(("variants",), PROBLEMS["languages"], {"languages": ", ".join(LANGUAGES)})
        return
    for language, texts in variants.items():
        path = ("variants", str(language))
        if language not in LANGUAGES:
            yield Problem(path, PROBLEMS["language"], {"value": str(language)[:20]})
        elif not isinstance(texts, Mapping) or not all(isinstance(each, str) for each in texts.values()):
            yield Problem(path, PROBLEMS["shape"])
        else:
            yield from _text_problems(channel, path, texts)


def _text_problems(channel: str, path: tuple[str, ...], texts: Mapping[str, str]) -> Iterator[Problem]:
    for name in sorted(set(texts) - set(FIELDS)):
        yield Problem((*path, str(name)), PROBLEMS["unknown_field"], {"value": str(name)[:40]})
    if not texts.get("text", "").strip():
        yield Problem((*path, "text"), PROBLEMS["text_missing"])
    if channel == "email" and not texts.get("subject", "").strip():
        yield Problem((*path, "subject"), PROBLEMS["subject_missing"])
    for name in FIELDS:
        text = texts.get(name, "")
        most = 300 if name == "subject" else LONGEST[channel]
        if len(text) > most:
            yield Problem((*path, name), PROBLEMS["too_long"], {"limit": most})
            continue
        try:
            rendering.check(text, PLACEHOLDERS.keys())
        except CrmError as error:
            yield Problem((*path, name), error.message, dict(error.values))
