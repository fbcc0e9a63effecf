"""A caller's own SELECT."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from apps.api.access import Known
from vitrina.access.looks import Purpose

router = APIRouter(tags=["sql"])


class Question(BaseModel):
    """One SELECT with values for its places: a list for ``?``, an object for ``$name``."""

    sql: Annotated[str, Field(min_length=1, max_length=20_000)]
    params: list[Any] | dict[str, Any] | None = None


@router.post("/sql")
def run(client: Known, question: Question) -> dict[str, Any]:
    """The rows that your rights show, cut at the limit of rows (`is_cut`)."""
    client.needs("sql")
    answer = client.reader(Purpose.SQL).run(question.sql, question.params)
    return {
        "columns": answer.table.column_names,
        "items": answer.table.to_pylist(),
        "is_cut": answer.is_cut,
        "seconds": round(answer.seconds, 3),
    }
