"""What people chose for their own screens: no right and no data depends on it."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base


class Preference(Base):
    """One choice of one user; `name` is the screen's, and so are the keys of `chosen`."""

    __tablename__ = "preferences"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    chosen: Mapped[dict[str, Any]]
    updated_at: Mapped[dt.datetime]
