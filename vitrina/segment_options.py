"""How segments are reviewed and watched: settings ``VITRINA_SEGMENTS__…``, read by `vitrina.settings` alone."""

from pydantic import BaseModel, ConfigDict, Field


class SegmentOptions(BaseModel):
    """Rules for every segment; the limits of the size alarm may be set otherwise for a single one.

    `four_eyes`: nobody publishes what nobody else approved. `max_change_pct`: a run that differs by more from the one
    before is held back; `min_share_pct`: so is one with fewer of all customers. `alarm_from` members the first counts:
    a handful doubles easily. `runs_kept`: how many of its latest runs a segment shows; older ones are forgotten.
    """

    model_config = ConfigDict(frozen=True)

    four_eyes: bool = False
    max_change_pct: float = Field(default=50, gt=0)
    min_share_pct: float = Field(default=0, ge=0, le=100)
    alarm_from: int = Field(default=20, ge=0)
    attempts_per_snapshot: int = Field(default=3, ge=1)
    runs_kept: int = Field(default=400, ge=2)
