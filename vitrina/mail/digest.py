"""A digest as an e-mail: plain text in its reader's language, with figures and links, and without customers' names."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from vitrina.i18n import Translator


@dataclass(frozen=True)
class Told:
    """One notice: the catalogues' key with its values."""

    text: str
    values: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class DigestContent:
    """What waits for one person: open signals (by rule name, the most first), tasks, notices that he has not read (the
    newest first, `more_notices` beyond those)."""

    name: str
    signals: int = 0
    high: int = 0
    unseen: int = 0
    by_rule: Sequence[tuple[str, int]] = ()
    overdue: int = 0
    today: int = 0
    coming: int = 0
    notices: Sequence[Told] = ()
    more_notices: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.signals or self.overdue or self.today or self.coming or self.notices)


def compose(
    content: DigestContent, words: Mapping[str, str], say: Translator, *, sender: str, address: str, message_id: str,
    link: str, now: dt.datetime,
) -> EmailMessage:  # fmt: skip
    """The e-mail. `words` are the sentences of a digest (English keys of the catalogues) by name."""
    message = EmailMessage()
    due = content.overdue + content.today
    message["Subject"] = say.text(words["subject"], signals=content.signals, tasks=due)
    message["From"], message["To"] = sender, address
    message["Date"], message["Message-ID"] = format_datetime(now), message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(_lines(content, words, say, link)) + "\n")
    return message


def _lines(content: DigestContent, words: Mapping[str, str], say: Translator, link: str) -> list[str]:
    lines = [say.text(words["greeting"], name=content.name), ""]
    if content.signals:
        counts = {"count": content.signals, "high": content.high, "unseen": content.unseen}
        lines.append(say.text(words["signals"], **counts))
        lines += [f"  - {say.text(words['by_rule'], rule=rule, count=count)}" for rule, count in content.by_rule]
        lines += [f"  {link}/signals", ""] if link else [""]
    if content.overdue or content.today or content.coming:
        lines.append(
            say.text(words["tasks"], overdue=content.overdue, today=content.today, coming=content.coming)
        )  # fmt: skip
        lines += [f"  {link}/tasks", ""] if link else [""]
    if content.notices:
        lines.append(say.text(words["notices"]))
        lines += [f"  - {say.text(each.text, **each.values)}" for each in content.notices]
        lines += [f"  {say.text(words['more'], count=content.more_notices)}"] if content.more_notices else []
        lines.append("")
    return [*lines, say.text(words["footer"])]
