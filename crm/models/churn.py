"""What the administrator set for the models of churn and value, and which model people made the champion."""

import datetime as dt

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base


class ChurnDefinition(Base):
    """What churn means for one type of customers. `revision` grows with every change, so that two do not overwrite each
    other."""

    __tablename__ = "churn_definitions"

    customer_type: Mapped[str] = mapped_column(String(16), primary_key=True)
    gap_months: Mapped[int]
    horizon_months: Mapped[int]
    inactivity_days: Mapped[int]
    base_loss_pct: Mapped[int]
    margin_pct: Mapped[int]
    revision: Mapped[int]
    updated_at: Mapped[dt.datetime]
    updated_by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)


class ModelPromotion(Base):
    """A person's word that a model scores from the next run on; the last one of a type counts."""

    __tablename__ = "model_promotions"

    promotion_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    customer_type: Mapped[str] = mapped_column(String(16))
    version: Mapped[str] = mapped_column(String(64))
    login: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
    reason: Mapped[str] = mapped_column(Text)
