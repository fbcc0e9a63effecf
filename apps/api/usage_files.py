"""Usage by period as a file, as its page shows it; written to the audit log with the file's hash."""

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import FileResponse

from apps.api.access import Known
from apps.api.client_files import sent
from apps.data.usage import Asked, Subject, begin, statement
from vitrina.access.errors import Refused
from vitrina.i18n import LANGUAGES, Translator, translator

router = APIRouter(tags=["clients"])
_LONGEST = dt.timedelta(days=1200)
_NUMBERED = ("client", "product", "peers")


@router.get("/usage/export")
def usage_file(
    client: Known, first: dt.date, last: dt.date,
    subject: Literal["client", "segment", "market", "product", "peers", "everybody"] = "everybody",
    key: Annotated[str, Query(max_length=100)] = "", grain: Literal["month", "week", "day"] = "month",
    format: Literal["csv", "xlsx"] = "csv", lang: str = "ru",
) -> FileResponse:  # fmt: skip
    """Usage in your scope by period as a file; charges are in it when you may export them."""
    client.needs("exports")
    client.needs_right("exports", "export")
    client.needs_right("usage", "export")
    if subject in _NUMBERED and not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Refused("parameters")
    last = min(last, first + _LONGEST)
    asked = Asked(
        Subject(subject, key), grain, begin(first, grain), begin(last, grain),
        grain == "month" and client.rights.allows("finance", "export"),
    )  # fmt: skip
    sql, values = statement(asked)
    return sent(client, "usage", sql, values, _headings(translator(lang if lang in LANGUAGES else "ru")), format)


def _headings(say: Translator) -> dict[str, str]:
    return {
        "period": say.text("Period"),
        "data_mb": say.text("Internet, MB"),
        "voice_minutes": say.text("Outgoing minutes"),
        "intl_minutes": say.text("International minutes"),
        "in_minutes": say.text("Incoming minutes"),
        "sms": say.text("Outgoing SMS"),
        "roaming_mb": say.text("Internet in roaming, MB"),
        "roaming_minutes": say.text("Minutes in roaming"),
        "beyond_bundle": say.text("Usage beyond the bundle, soʻm"),
        "charges": say.text("All charges, soʻm"),
        "numbers": say.text("Numbers with usage"),
        "customers": say.text("Clients with usage"),
    }
