"""Signing in at an OpenID provider: authorisation code with PKCE, by Authlib's client for Starlette."""

from typing import Any

import httpx
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from apps.sign_in.errors import DirectoryUnavailable, OpenIdRefused
from crm.services.external import ExternalPerson
from vitrina.sign_in_options import OpenIdOptions

PROVIDER = "oidc"


class OpenId:
    """One provider, whose own description (``.well-known/openid-configuration``) tells where everything is."""

    def __init__(self, options: OpenIdOptions) -> None:
        self.options = options
        self._client = OAuth().register(
            name=PROVIDER,
            client_id=options.client_id,
            client_secret=options.client_secret.get_secret_value(),
            server_metadata_url=options.issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={"scope": options.scopes, "code_challenge_method": "S256", "timeout": 10.0},
        )

    async def begin(self, request: Request, redirect_uri: str) -> Response:
        """Send the browser to the provider; state, nonce and verifier wait in the signed cookie of the request."""
        try:
            redirect: Response = await self._client.authorize_redirect(request, redirect_uri)
        except (httpx.HTTPError, OAuthError, ValueError) as error:
            raise DirectoryUnavailable() from error
        return redirect

    async def finish(self, request: Request) -> ExternalPerson:
        """The person that the provider sent back. Raises `OpenIdRefused` and `DirectoryUnavailable`."""
        try:
            token: dict[str, Any] = await self._client.authorize_access_token(request)
            # Groups are often told only here: an identity token that carried them all would not fit a header.
            told = await self._client.userinfo(token=token)
        except httpx.HTTPError as error:
            raise DirectoryUnavailable() from error
        except (OAuthError, JoseError, KeyError, ValueError) as error:
            raise OpenIdRefused() from error
        identity = dict(token.get("userinfo") or {})
        if not identity.get("sub") or told.get("sub") != identity["sub"]:
            raise OpenIdRefused()
        return self._person({**identity, **dict(told)})

    def _person(self, claims: dict[str, Any]) -> ExternalPerson:
        login = str(claims.get(self.options.login_claim) or claims.get("email") or claims["sub"])
        groups = claims.get(self.options.groups_claim) or []
        return ExternalPerson(
            provider=PROVIDER,
            subject=str(claims["sub"]),
            login=login,
            display_name=str(claims.get("name") or login),
            email=str(claims.get("email") or ""),
            groups=tuple(sorted(str(group) for group in (groups if isinstance(groups, list) else [groups]))),
        )
