"""What campaigns say and how often they may: templates of messages and contact policies, with every version."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base
from crm.models.versioned import Audited, DocumentVersion, Revised


class MessageTemplate(Revised, Base):
    """A text of one channel in several languages. `published` is the version that new campaigns take."""

    __tablename__ = "message_templates"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[str] = mapped_column(String(16), index=True)
    category: Mapped[str] = mapped_column(String(16))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id"), index=True)
    published: Mapped[int | None]
    archived_at: Mapped[dt.datetime | None]

    @property
    def audited_as(self) -> tuple[str, str]:
        return "campaigns", f"template {self.key}"


class MessageTemplateVersion(DocumentVersion, Base):
    """One version: {"variants": {language: {"subject", "text"}}}; never changed once it was published."""

    __tablename__ = "message_template_versions"

    template_key: Mapped[str] = mapped_column(ForeignKey("message_templates.key"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class ContactPolicy(Audited, Base):
    """One version of the contact policy: it holds from its first day until a later version begins. Only ever added."""

    __tablename__ = "contact_policies"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]]
    fingerprint: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[dt.date] = mapped_column(index=True)
    changes: Mapped[dict[str, Any]]
    author_login: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime]

    @property
    def audited_as(self) -> tuple[str, str]:
        return "campaigns", f"policy {self.number}"
