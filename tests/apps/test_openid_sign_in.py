"""Signing in at a real OpenID provider: code with PKCE, and what must not be believed."""

import asyncio
import base64
import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from apps.sign_in.errors import DirectoryUnavailable, OpenIdRefused
from apps.sign_in.openid import OpenId
from tests.apps.openid_server import CLIENT_ID, CLIENT_SECRET, OpenIdServer, openid_server
from vitrina.sign_in_options import OpenIdOptions

CALLBACK = "http://workspace.test/sign-in/openid/callback"


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdServer]:
    with openid_server(CALLBACK) as server:
        yield server


def workspace(issuer: str, client_id: str = CLIENT_ID) -> httpx.AsyncClient:
    """Our two routes alone, as a browser would reach them."""
    openid = OpenId(OpenIdOptions(issuer=issuer, client_id=client_id, client_secret=CLIENT_SECRET))

    async def begin(request: Request) -> Response:
        return await openid.begin(request, CALLBACK)

    async def callback(request: Request) -> Response:
        try:
            person = (await openid.finish(request)).person
        except OpenIdRefused:
            return JSONResponse("refused", 403)
        return JSONResponse([person.subject, person.login, person.display_name, person.email, list(person.groups)])

    app = Starlette(
        routes=[Route("/sign-in/openid", begin), Route("/sign-in/openid/callback", callback)],
        middleware=[Middleware(SessionMiddleware, secret_key="for the tests only")],
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://workspace.test")


async def sign_in(client: httpx.AsyncClient, login: str) -> str:
    """Fill in the provider's own forms; returns the address that it sends the browser back to."""
    place = (await client.get("/sign-in/openid")).headers["location"]
    async with httpx.AsyncClient() as browser:
        while not place.startswith(CALLBACK):
            answer = await browser.get(place)
            if answer.is_redirect:
                place = urljoin(place, answer.headers["location"])
                continue
            action = re.search(r'action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
            assert action, answer.text
            assert prompt, answer.text
            fields = {"prompt": prompt[1], "login": login, "password": "any"}
            place = urljoin(place, (await browser.post(urljoin(place, action[1]), data=fields)).headers["location"])
    return place


def run(step: Any) -> Any:
    """One story, start to end."""
    return asyncio.run(step)


def test_the_provider_tells_who_it_is_and_in_which_groups(provider: OpenIdServer) -> None:
    async def story() -> Any:
        async with workspace(provider.issuer) as client:
            return (await client.get(await sign_in(client, "s.karimova"))).json()

    assert run(story()) == [
        "s.karimova", "s.karimova", "Сабина Каримова", "s.karimova@operator.uz",
        ["crm-supervisors", "everybody"],
    ]  # fmt: skip


def test_the_request_carries_a_challenge_a_state_and_a_nonce(provider: OpenIdServer) -> None:
    async def story() -> str:
        async with workspace(provider.issuer) as client:
            return str((await client.get("/sign-in/openid")).headers["location"])

    asked = parse_qs(urlsplit(run(story())).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert all(asked[name][0] for name in ("code_challenge", "state", "nonce"))


def test_an_answer_meant_for_another_browser_is_refused(provider: OpenIdServer) -> None:
    async def story() -> int:
        async with workspace(provider.issuer) as victim, workspace(provider.issuer) as attacker:
            await victim.get("/sign-in/openid")
            return (await victim.get(await sign_in(attacker, "s.karimova"))).status_code

    assert run(story()) == 403


def test_an_answer_counts_once(provider: OpenIdServer) -> None:
    async def story() -> list[int]:
        async with workspace(provider.issuer) as client:
            place = await sign_in(client, "s.karimova")
            return [(await client.get(place)).status_code for _ in range(2)]

    assert run(story()) == [200, 403]


@pytest.mark.parametrize("query", ["", "?error=access_denied&state=x", "?code=forged&state=forged"])
def test_a_callback_that_nobody_asked_for_is_refused(provider: OpenIdServer, query: str) -> None:
    async def story() -> int:
        async with workspace(provider.issuer) as client:
            return (await client.get(f"/sign-in/openid/callback{query}")).status_code

    assert run(story()) == 403


def test_a_word_that_somebody_left_counts_only_with_the_providers_own_signature(provider: OpenIdServer) -> None:
    openid = OpenId(OpenIdOptions(issuer=provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET))
    now = dt.datetime.now(dt.UTC)
    claims = {
        "iss": provider.issuer, "aud": CLIENT_ID, "sub": "s.karimova", "iat": int(now.timestamp()), "jti": "1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }  # fmt: skip

    async def refused(token: str) -> None:
        with pytest.raises(OpenIdRefused):
            await openid.left(token, now)

    async def story() -> None:
        await refused("")
        await refused(jwt.encode({"alg": "RS256", "kid": "of-nobody"}, claims, RSAKey.generate_key(2048)))
        await refused("eyJhbGciOiJub25lIn0." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode() + ".")

    run(story())


def test_a_provider_that_does_not_answer_is_told_apart_from_a_refusal() -> None:
    async def story() -> None:
        async with workspace("http://127.0.0.1:9") as client:
            await client.get("/sign-in/openid")

    with pytest.raises(DirectoryUnavailable):
        run(story())
