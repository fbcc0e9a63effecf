"""Who I am to the API, and whether it has data."""

from typing import Any

from fastapi import APIRouter

from apps.api.access import Known
from apps.gatekeeper import gatekeeper

router = APIRouter(tags=["me"])


@router.get("/me")
def me(client: Known) -> dict[str, Any]:
    """The account, its roles, and what counts for this token."""
    rights = client.rights
    return {
        "login": rights.login,
        "name": rights.display_name,
        "roles": sorted(rights.roles),
        "scopes": sorted(client.caller.scopes) if client.caller.scopes is not None else None,
        "rights": [
            {"object": subject, "action": action, "scope": scope}
            for (subject, action), scope in sorted(rights.grants.items())
        ],
        "masks": dict(sorted(rights.masks.items())),
    }


@router.get("/health")
def health(client: Known) -> dict[str, Any]:
    """The snapshot that answers come from. 503 before the first is published."""
    keeper = gatekeeper()
    gate = keeper.gate(keeper.current_version())
    return {"status": "ok", "snapshot": gate.version, "as_of": gate.as_of, "login": client.rights.login}
