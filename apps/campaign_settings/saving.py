"""A change of settings: the right is asked at the page and again in the transaction."""

from collections.abc import Callable
from typing import Any

from apps.actions import changing
from apps.identity import person
from crm.services.campaigns import access


def administered(change: Callable[..., Any]) -> Any:
    """Make a change that needs the right to administer campaigns: `change(session, actor, now)`. Raises `CrmError`,
    `NotAllowed`, `DefinitionError`."""
    with changing("campaigns", "administer") as (session, actor, now):
        access.require_administer(person().own_rights)
        return change(session, actor, now)
