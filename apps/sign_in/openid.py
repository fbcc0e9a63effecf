"""Signing in and out at an OpenID provider: authorisation code with PKCE, by Authlib's client for Starlette."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import httpx
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from starlette.requests import Request
from starlette.responses import Response

from apps.sign_in.errors import DirectoryUnavailable, OpenIdRefused
from crm.services.external import ExternalPerson
from vitrina.sign_in_options import OpenIdOptions

PROVIDER = "oidc"
_SIGNED_OUT: Final = "http://schemas.openid.net/event/backchannel-logout"
_FRESH: Final = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Vouched:
    """A person whom the provider sent back, and the identity token by which it knows him when he leaves."""

    person: ExternalPerson
    id_token: str


class OpenId:
    """One provider, whose own description (``.well-known/openid-configuration``) tells where everything is."""

    def __init__(self, options: OpenIdOptions) -> None:
        self.options = options
        self._told: dict[str, dt.datetime] = {}
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

    async def finish(self, request: Request) -> Vouched:
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
        return Vouched(self._person({**identity, **dict(told)}), str(token["id_token"]))

    async def way_out(self, id_token: str, back: str) -> str | None:
        """The provider's address at which its own session ends and which leads to `back`; None when it has none."""
        try:
            found = await self._client.create_logout_url(
                back, id_token or None, state="out", client_id=self.options.client_id
            )
        except (httpx.HTTPError, OAuthError, RuntimeError, ValueError):
            return None
        return str(found["url"])

    async def left(self, logout_token: str, now: dt.datetime) -> str:
        """The provider's id of a person who has signed out there (back-channel log-out).

        Raises `OpenIdRefused` for what the provider has not signed, for us, just now and for the first time, and
        `DirectoryUnavailable`.
        """
        try:
            claims = (await self._read(logout_token)).claims
            issuer = (await self._client.load_server_metadata())["issuer"]
        except httpx.HTTPError as error:
            raise DirectoryUnavailable() from error
        except (JoseError, KeyError, ValueError) as error:
            raise OpenIdRefused() from error
        audience = claims.get("aud")
        told_at = claims.get("iat")
        is_ours = claims.get("iss") == issuer and self.options.client_id in (
            [audience] if isinstance(audience, str) else audience or ()
        )
        is_fresh = isinstance(told_at, int | float) and abs(now.timestamp() - told_at) < _FRESH.total_seconds()
        is_event = _SIGNED_OUT in (claims.get("events") or {}) and "nonce" not in claims
        if not (is_ours and is_fresh and is_event and claims.get("sub") and claims.get("jti")):
            raise OpenIdRefused()
        self._counts_once(str(claims["jti"]), now)
        return str(claims["sub"])

    def _counts_once(self, message: str, now: dt.datetime) -> None:
        self._told = {each: at for each, at in self._told.items() if now - at < 2 * _FRESH}
        if message in self._told:
            raise OpenIdRefused()
        self._told[message] = now

    async def _read(self, signed: str) -> jwt.Token:
        """A token that one of the provider's present keys has signed."""
        metadata = await self._client.load_server_metadata()
        known = [name for name in metadata.get("id_token_signing_alg_values_supported") or ["RS256"] if name != "none"]
        registry = JWSRegistry(algorithms=known, strict_check_header=False)
        try:
            return jwt.decode(signed, KeySet.import_key_set(await self._client.fetch_jwk_set()), registry=registry)
        except InvalidKeyIdError:
            keys = KeySet.import_key_set(await self._client.fetch_jwk_set(force=True))
            return jwt.decode(signed, keys, registry=registry)

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


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
