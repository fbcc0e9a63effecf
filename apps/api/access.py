"""What a caller of the API may use: the rights of his account, within the scopes of his token."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from apps import identity
from apps.api.problems import Problem, _
from apps.gatekeeper import gatekeeper
from apps.services import Services, services
from apps.web import addresses
from apps.web.caller import Caller, caller_of
from crm.services.actor import Actor
from vitrina.access.gate import GatedReader
from vitrina.access.looks import Purpose
from vitrina.access.rights import Rights


@dataclass(frozen=True)
class Client:
    """Who calls, with what rights, from where. `rights` are those that count now, `own` his own."""

    caller: Caller
    rights: Rights
    own: Rights
    address: str
    route: str
    services: Services

    @property
    def actor(self) -> Actor:
        """Who does what he does, for the audit log."""
        viewed = self.rights.user_id if self.rights.acting_for is not None else None
        return Actor(self.caller.user_id, self.caller.login, self.address, viewed)

    def needs(self, scope: str) -> None:
        """Raises `Problem` unless the token has the scope; a signed-in person has all."""
        if self.caller.scopes is not None and scope not in self.caller.scopes:
            raise Problem(403, "scope_missing", _("The token does not have the scope {scope}."), scope=scope)

    def needs_right(self, subject: str, action: str) -> None:
        """Raises `Problem` unless the rights that count hold this one."""
        if not self.rights.allows(subject, action):
            raise Problem(403, "right_missing", _("Your role does not allow this."))

    def reader(self, purpose: Purpose) -> GatedReader:
        """The caller's reader of the current snapshot. Raises `Refused`, `NothingPublished`."""
        keeper = gatekeeper()
        return keeper.gate(keeper.current_version()).reader(self.rights, purpose, self.address, self.route)


def _client(request: Request) -> Client:
    caller, shared = caller_of(request.scope), services()
    rights, own = identity.rights_of(shared, caller.user_id, caller.view_as)
    route = str(getattr(request.scope.get("route"), "path", ""))
    return Client(caller, rights, own, addresses.client_address(request.scope), f"api {route}", shared)


Known = Annotated[Client, Depends(_client)]
