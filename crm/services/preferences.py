"""A user's own choices about how his screens look. Not here: anything that opens or hides data."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Preference
from crm.services.actor import Actor

_MOST_BYTES: Final = 4000


def preference(session: Session, user_id: int, name: str) -> dict[str, Any] | None:
    """What the user chose under this name, or None when he never did."""
    row = session.get(Preference, (user_id, name))
    return None if row is None else dict(row.chosen)


def keep_preference(
    session: Session, user_id: int, name: str, chosen: Mapping[str, Any], actor: Actor, now: dt.datetime
) -> None:
    """Remember a choice, in place of the one before. Raises `CrmError` for anybody's but one's own."""
    if actor.acting_for is not None or actor.user_id not in (None, user_id):
        raise CrmError("viewing_only")
    if len(json.dumps(chosen)) > _MOST_BYTES:
        raise ValueError(f"{name}: too long to be a choice about a screen")
    row = session.get(Preference, (user_id, name), with_for_update=True)
    if row is None:
        session.add(Preference(user_id=user_id, name=name, chosen=dict(chosen), updated_at=now))
    else:
        row.chosen, row.updated_at = dict(chosen), now
