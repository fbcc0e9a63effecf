"""What the codes of control groups and effects mean: sentences that people read, keys of the catalogues."""

from collections.abc import Mapping
from typing import Final

VERDICT_WORDS: Final[Mapping[str, str]] = {
    "sample_ratio_fault": "The groups are not divided as planned, so nothing can be concluded.",
    "too_few": "There are too few customers to judge.",
    "better": "The campaign did better than the control group.",
    "worse": "The campaign did worse than the control group.",
    "no_evidence": "There is no evidence of a difference.",
}
WINNER_WORDS: Final[Mapping[str, str]] = {
    "sample_ratio_fault": VERDICT_WORDS["sample_ratio_fault"],
    "too_few": VERDICT_WORDS["too_few"],
    "winner": "The variant {variant} won: better than the control group and than every other variant.",
    "tied": "Several variants are better than the control group, but none of them is better than all the others.",
    "no_evidence": "No variant is better than the control group beyond chance.",
}
BALANCE_WORDS: Final[Mapping[str, str]] = {
    "balanced": "The control group is like those who are contacted.",
    "unbalanced": "The control group differs from those who are contacted.",
    "too_few": "One of the groups is empty.",
}
REASON_WORDS: Final[Mapping[str, str]] = {
    "assigned": "Drawn by lot.",
    "rotated": "Drawn by lot when the whole group was drawn anew.",
    "joined": "Came to a household or company that already had its part.",
    "released": "Left the control group: somebody of the same household or company had been contacted.",
}
POLLUTION_WORDS: Final[Mapping[str, str]] = {
    "direct": "The customer was contacted, though in the control group.",
    "cluster": "Somebody of the same household or company was contacted.",
}
KPI_WORDS: Final[Mapping[str, str]] = {
    "met": "The target is met.",
    "missed": "The target is missed.",
    "unsure": "The target lies within the uncertainty of the figure.",
    "unknown": "The figure is not known yet.",
}
CANNIBAL_WORDS: Final[Mapping[str, str]] = {
    "takes": "It takes results away from the other campaign.",
    "helps": "It helps the other campaign.",
    "no_evidence": VERDICT_WORDS["no_evidence"],
    "too_few": VERDICT_WORDS["too_few"],
}
FATIGUE_WORDS: Final[Mapping[str, str]] = {
    "tires": "The more contacts before, the less the same customers respond.",
    "warms": "The more contacts before, the more the same customers respond.",
    "no_evidence": "There is no evidence that earlier contacts change the response.",
    "too_few": "No customer was contacted often enough to judge.",
}
