"""How models of churn and value are trained and watched: settings ``VITRINA_MODELS__…``, read by `vitrina.settings`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ModelOptions(BaseModel):
    """Rules for every model.

    `promotion`: whether a challenger that is better takes over by itself, or waits for a person. `margin`: by how much
    its area under the ROC curve has to be better on the judged months. `refits`: models of a backtest. `most_rows` are
    read for training, and `training_rows` of them learned from. `history_months`: how far back scores are filled in.
    A customer's risk is high from `high_risk` times the average on, and medium from `medium_risk` times.
    """

    model_config = ConfigDict(frozen=True)

    promotion: Literal["auto", "manual"] = "auto"
    margin: float = Field(default=0.003, ge=0, lt=1)
    refits: int = Field(default=4, ge=1, le=24)
    most_rows: int = Field(default=600_000, ge=1_000)
    training_rows: int = Field(default=40_000, ge=1_000)
    history_months: int = Field(default=24, ge=0)
    high_risk: float = Field(default=4.0, gt=1)
    medium_risk: float = Field(default=1.5, gt=1)
    seed: int = 20_260_101
