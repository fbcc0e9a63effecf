"""Which stage may follow which, by what and with which right: data, so that pages, API and services agree."""

from dataclasses import dataclass

from crm.errors import CrmError
from crm.services.campaigns.values import Stage


@dataclass(frozen=True)
class Transition:
    """One way from a stage to another. `action` is the right on campaigns that it takes ("" for what the product itself
    does); `needs_reason` whether one has to say why."""

    name: str
    before: tuple[Stage, ...]
    after: Stage
    action: str = "edit"
    needs_reason: bool = False


S = Stage
_OPEN = (S.CONCEPT, S.DESIGN, S.APPROVAL, S.READY, S.RUNNING, S.PAUSED)
TRANSITIONS = (
    Transition("design", (S.CONCEPT,), S.DESIGN),
    Transition("rethink", (S.DESIGN,), S.CONCEPT, needs_reason=True),
    Transition("submit", (S.DESIGN,), S.APPROVAL),
    Transition("withdraw", (S.APPROVAL,), S.DESIGN, needs_reason=True),
    Transition("return_to_design", (S.APPROVAL,), S.DESIGN, "administer", needs_reason=True),
    Transition("return_to_concept", (S.APPROVAL,), S.CONCEPT, "administer", needs_reason=True),
    Transition("approved", (S.APPROVAL,), S.READY, "administer"),
    Transition("redesign", (S.READY, S.PAUSED), S.DESIGN, needs_reason=True),
    # What a change of approved content does by itself.
    Transition("approval_dropped", (S.APPROVAL, S.READY, S.PAUSED), S.DESIGN),
    Transition("start", (S.READY,), S.RUNNING),
    Transition("pause", (S.RUNNING,), S.PAUSED, needs_reason=True),
    Transition("resume", (S.PAUSED,), S.RUNNING),
    Transition("complete", (S.RUNNING, S.PAUSED), S.COMPLETED),
    Transition("analyse", (S.COMPLETED,), S.ANALYSED),
    Transition("stop", _OPEN, S.STOPPED, needs_reason=True),
)
BY_NAME = {each.name: each for each in TRANSITIONS}
# In these the content is still being worked out; in those it is agreed with, and a change asks again.
WRITING = (S.CONCEPT, S.DESIGN)
AGREED = (S.APPROVAL, S.READY, S.PAUSED)
OVER = (S.COMPLETED, S.ANALYSED, S.STOPPED)


def following(stage: Stage) -> tuple[Transition, ...]:
    """All ways that lead on from a stage."""
    return tuple(each for each in TRANSITIONS if stage in each.before)


def require(name: str, stage: Stage) -> Transition:
    """The transition, if it leads on from this stage. Raises `CrmError`."""
    found = BY_NAME.get(name)
    if found is None or stage not in found.before:
        raise CrmError("campaign_stage")
    return found
