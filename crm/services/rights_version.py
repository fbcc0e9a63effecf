"""One counter that grows with every change of anybody's rights; readers compare it and make their rights anew."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from crm.database import before_commit
from crm.models import RightsState

BEFORE_AUDIT = 50


def rights_version(session: Session) -> int:
    """The counter as this session sees it: one look-up by primary key."""
    return session.scalar(select(RightsState.version).where(RightsState.state_id == 1)) or 0


def rights_changed(session: Session) -> None:
    """Raise the counter when the transaction commits."""
    before_commit(session, "rights_version", BEFORE_AUDIT, _raise)


def _raise(session: Session) -> None:
    session.execute(
        text(
            "INSERT INTO rights_state (state_id, version) VALUES (1, 1) "
            "ON CONFLICT (state_id) DO UPDATE SET version = rights_state.version + 1"
        )
    )
