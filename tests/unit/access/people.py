"""People for tests of the gate: rights of the delivered roles, and of one scope and mask over everything."""

from functools import lru_cache

import yaml

from vitrina.access.rights import COLUMN_CLASSES, Mask, Rights, Scope
from vitrina.settings import REPOSITORY

EMPLOYEES = {Scope.OWN: {"E3"}, Scope.GROUP: {"E3", "E0"}, Scope.UNIT: {"E1"}}
REGIONS = {Scope.GROUP: {"171"}, Scope.UNIT: {"172"}}
DATA = (
    "customers", "services", "usage", "finance", "interactions", "contacts", "organisation", "analytics",
    "identity_resolution", "signals", "segments", "models", "kpis",
)  # fmt: skip


@lru_cache(maxsize=1)
def roles() -> dict[str, dict]:
    """The roles as they are delivered."""
    return yaml.safe_load((REPOSITORY / "crm" / "roles.yaml").read_text(encoding="utf-8"))["roles"]


def with_role(role: str, user_id: int = 7) -> Rights:
    """Someone with one of the delivered roles."""
    entry = roles()[role]
    grants = {
        (subject, action): Scope(scope) for subject, given in entry["grants"].items() for action, scope in given.items()
    }
    return person(grants, {name: Mask(mask) for name, mask in (entry.get("masks") or {}).items()}, user_id, role)


def everywhere(scope: Scope, mask: Mask | dict[str, Mask], user_id: int = 7) -> Rights:
    """Someone who may do everything with all data as far as a scope reaches, every class under one mask."""
    grants = {(subject, action): scope for subject in DATA for action in ("view", "query", "export")}
    grants |= {("sql", "query"): Scope.ALL, ("api", "query"): Scope.ALL}
    masks = mask if isinstance(mask, dict) else dict.fromkeys(COLUMN_CLASSES - {"open"}, mask)
    return person(grants, masks, user_id, f"{scope}")


def person(
    grants: dict[tuple[str, str], Scope], masks: dict[str, Mask], user_id: int = 7, login: str = "someone"
) -> Rights:
    """Someone in the department whose scopes are above."""
    return Rights(
        user_id, login, login.title(), frozenset(), grants, masks,
        {scope: frozenset(ids) for scope, ids in EMPLOYEES.items()},
        {scope: frozenset(codes) for scope, codes in REGIONS.items()},
    )  # fmt: skip
