"""The brief for an agency as a workbook: what the campaign is about, and below it the media plan to be filled in."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.data.workbooks import Workbook
from crm.campaign_messages import BRIEF
from crm.services.campaigns.agency_files import PLAN, PlanLine
from vitrina.i18n import Translator

_EMPTY_ROWS = 20


def write_brief(path: Path, told: Mapping[str, Any], lines: Iterable[PlanLine], say: Translator) -> None:
    """Write the workbook. Column headings of the plan are those that loading it expects, in any language."""
    book = Workbook(path, [say.text(BRIEF["name"]), str(told["name"])])
    book.rows([say.text(BRIEF[code]), _shown(value)] for code, value in told.items() if code != "name")
    book.rows([[], list(PLAN)])
    book.rows([_shown(getattr(line, field)) for field in PLAN] for line in lines)
    book.rows([""] * len(PLAN) for _ in range(_EMPTY_ROWS))
    book.close()


def _shown(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
