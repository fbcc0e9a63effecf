"""Attacks on the server from outside: everything that the unknown, or the wrong person, must not get."""

import asyncio
import datetime as dt
import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import websockets
from sqlalchemy import select, update
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from websockets.exceptions import ConnectionClosed, InvalidStatus

from apps.api.app import make_api
from crm.models import OptOut, OutboxMessage, User
from crm.services import accounts, sessions
from crm.services.delivery import landing, outbox
from crm.services.delivery.values import NewMessage
from tests.apps.browser import served
from tests.apps.people import EVERYTHING, PASSWORD, database, now, open_session, system
from vitrina.settings import Settings

CLOSED = (
    "/", "/customers", "/_stcore/host-config", "/_stcore/stream", "/media/0123456789.csv", "/docs/index.html",
    "/component/x", "/_stcore/upload_file/some-session/some-file", "/password", "/api/openapi.json", "/api/v1/me",
    "/api/v1/tables/dim_customers/export", "/api/v1/audit/export", "/static/../media/x", "/_stcore/bidi-components/x",
    "/sign-in/elsewhere",
)  # fmt: skip


@pytest.fixture(scope="module")
def address(small_home: Path) -> Iterator[str]:
    with served(small_home) as found:
        yield found


def cookie(home: Path, login: str = EVERYTHING) -> dict[str, str]:
    """The cookie of a fresh session."""
    return {"vitrina_session": open_session(home, login)[0]}


def form(client: httpx.Client, login: str, password: str, **more: str) -> httpx.Response:
    """Sign in as the page's own form does."""
    page = client.get("/sign-in")
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token
    fields = {"login": login, "password": password, "form_token": token[1], "next": "/", **more}
    return client.post("/sign-in", data=fields, headers={"Origin": str(client.base_url).rstrip("/")})


async def knock(address: str, origin: str | None, **headers: str) -> int:
    """Try to open Streamlit's websocket; the status of a refusal, or 101."""
    url = address.replace("http", "ws") + "/_stcore/stream"
    try:
        async with websockets.connect(url, origin=origin, additional_headers=headers, subprotocols=["streamlit"]):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_the_unknown_get_nothing_but_the_way_to_the_sign_in(address: str, path: str, accept: str) -> None:
    answer = httpx.get(address + path, headers={"Accept": accept})
    assert answer.status_code in (303, 400, 401)
    assert answer.headers.get("location", "/sign-in").startswith("/sign-in")
    assert "root" not in answer.text


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/interact", "/_stcore/agent/openapi.json", "/auth/login"]
)
def test_what_serves_nobody_is_closed_to_all(address: str, small_home: Path, path: str) -> None:
    assert httpx.get(address + path, cookies=cookie(small_home)).status_code == 404


def test_the_websocket_is_for_the_signed_in_from_our_own_pages(address: str, small_home: Path) -> None:
    own = {"Cookie": f"vitrina_session={cookie(small_home)['vitrina_session']}"}
    assert asyncio.run(knock(address, address, **own)) == 101
    assert asyncio.run(knock(address, address)) == 403
    assert asyncio.run(knock(address, "https://evil.example", **own)) == 403
    assert asyncio.run(knock(address, None, **own)) == 403
    assert asyncio.run(knock(address, address, Cookie="vitrina_session=forged")) == 403


@pytest.mark.parametrize("header", ["x-vitrina-session", "X-Vitrina-User", "x-vitrina-session-id"])
def test_headers_by_which_the_server_names_people_are_worth_nothing_from_outside(address: str, header: str) -> None:
    assert httpx.get(f"{address}/_stcore/host-config", headers={header: "1"}).status_code == 401
    assert asyncio.run(knock(address, address, **{header: "1"})) == 403


def test_a_cookie_that_was_signed_out_is_worth_nothing_when_it_comes_again(address: str, small_home: Path) -> None:
    kept = cookie(small_home)
    with httpx.Client(base_url=address, cookies=kept) as client:
        assert client.get("/session").status_code == 204
        assert client.post("/sign-out", headers={"Origin": address}).status_code == 303
    assert httpx.get(f"{address}/session", cookies=kept).status_code == 401


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://127.0.0.1"])
def test_a_foreign_page_cannot_make_the_browser_send_a_form(address: str, small_home: Path, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    kept = cookie(small_home)
    for path in ("/sign-out", "/sign-in", "/password", "/session", "/api/v1/sql"):
        assert httpx.post(address + path, cookies=kept, headers=headers).status_code == 403
    assert httpx.get(f"{address}/session", cookies=kept).status_code == 204


def test_a_form_without_the_token_of_its_page_is_refused(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        assert form(client, EVERYTHING, PASSWORD, form_token="guessed").status_code == 400
        assert "vitrina_session" not in client.cookies


def test_a_sign_in_gives_a_cookie_that_scripts_and_other_sites_cannot_use(address: str) -> None:
    with httpx.Client(base_url=address, cookies={"vitrina_session": "planted-before"}) as client:
        answer = form(client, "supervisor", PASSWORD)
        assert answer.status_code == 303
        written = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("vitrina_session="))
    assert "planted-before" not in written
    assert "HttpOnly" in written
    assert "samesite=lax" in written.lower()


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/%0d%0aSet-Cookie:a=b\r\n", "javascript:alert(1)"],
)
def test_after_signing_in_nobody_is_sent_to_another_site(address: str, target: str) -> None:
    with httpx.Client(base_url=address) as client:
        assert form(client, "supervisor", PASSWORD, next=target).headers["location"] == "/"


def test_a_wrong_password_and_an_unknown_login_are_told_alike(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        wrong = form(client, "commercial_director", "Wrong-Apricot-71")
        unknown = form(client, "nobody.at.all", "Wrong-Apricot-71")
    assert wrong.status_code == unknown.status_code == 403
    said = [re.findall(r'role="alert">([^<]+)', answer.text) for answer in (wrong, unknown)]
    assert said == [["Неверный логин или пароль."]] * 2


def test_guessing_is_slowed_down_and_the_right_password_waits_too(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        guesses = [form(client, "quality_manager", f"Guess-Apricot-{n}").status_code for n in range(7)]
        right = form(client, "quality_manager", PASSWORD)
    assert guesses[:5] == [403] * 5
    assert guesses[5:] == [429, 429]
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) > 0


def test_every_answer_carries_the_security_headers(address: str, small_home: Path) -> None:
    for path in ("/", "/sign-in", "/api/v1/me", "/media/x", "/_stcore/health"):
        for cookies in ({}, cookie(small_home)):
            answer = httpx.get(address + path, cookies=cookies)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["cache-control"] == "no-store"
            policy = answer.headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy
            assert "unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
            assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../_stcore/host-config",
        "/app/static/../../etc/passwd",
        "/static//x",
        "/app/static/%2e%2e/x",
        "/..%2f..%2fetc/passwd",
        "/docs/..%2f..%2fstate/crm.sqlite",
    ],
)
def test_a_crooked_path_leads_nowhere(address: str, small_home: Path, path: str) -> None:
    for cookies in ({}, cookie(small_home)):
        answer = httpx.Client(cookies=cookies).send(
            httpx.Request("GET", httpx.URL(address).copy_with(raw_path=path.encode()))
        )
        assert answer.status_code in (303, 400, 401, 404)


def test_uploads_and_media_of_another_sign_in_do_not_exist(address: str, small_home: Path) -> None:
    with httpx.Client(base_url=address, cookies=cookie(small_home), headers={"Origin": address}) as client:
        assert client.get("/media/0123456789abcdef.csv").status_code == 404
        assert client.put("/_stcore/upload_file/of-another/file", files={"file": b"x"}).status_code == 404


def _operations() -> list[tuple[str, str]]:
    """Every route of the API with something in the places of its path; the description itself names them."""
    paths = make_api().openapi()["paths"]
    return [
        (method.upper(), "/api" + re.sub(r"{[^}]+}", "1", path))
        for path, methods in paths.items()
        for method in methods
    ]


def test_no_route_of_the_api_answers_the_unknown(address: str) -> None:
    with httpx.Client(base_url=address, headers={"Authorization": "Bearer vitrina_guessed"}) as client:
        answers = {(method, path): client.request(method, path).status_code for method, path in _operations()}
    assert len(answers) > 80
    assert set(answers.values()) == {401}


def test_no_route_of_the_api_gives_anything_to_who_has_no_right(address: str, small_home: Path) -> None:
    """Whatever numbers he tries; a body that is none is refused before the right is asked for, and tells nothing."""
    base = database(small_home)
    with base.begin() as session:
        settings = Settings(home=small_home)
        new = accounts.NewUser("no.rights", "Без Прав")
        user = accounts.create_user(session, new, "First-Apricot-70", system("tests"), now(), settings.accounts)
        session.execute(update(User).where(User.user_id == user.user_id).values(must_change=False))
        token, _ = sessions.create(session, user.user_id, "127.0.0.1", "tests", now(), settings.accounts)
    base.close()
    told = {}
    with httpx.Client(base_url=address, cookies={"vitrina_session": token}, headers={"Origin": address}) as client:
        for method, path in _operations():
            answer = client.request(method, path)
            told[method, path] = (answer.status_code, answer.text[:200])
    own = {"/api/v1/me", "/api/v1/health", "/api/v1/notice-settings"}
    assert {
        (path, *said) for (_, path), said in told.items() if said[0] not in (403, 404, 422) and path not in own
    } == set()


def test_a_media_file_that_one_is_shown_does_not_exist_for_another(address: str, small_home: Path) -> None:
    shown, stranger = cookie(small_home), cookie(small_home, "supervisor")

    async def story() -> None:
        url = address.replace("http", "ws") + "/_stcore/stream"
        headers = {"Cookie": f"vitrina_session={shown['vitrina_session']}"}
        async with websockets.connect(
            url, origin=address, additional_headers=headers, subprotocols=["streamlit"], max_size=None
        ) as socket:
            await socket.send(BackMsg(rerun_script=ClientState()).SerializeToString())
            found = None
            while found is None:
                said = await asyncio.wait_for(socket.recv(), 60)
                found = re.search(rb"/media/[0-9a-f]+\.\w+", said if isinstance(said, bytes) else said.encode())
            path = found[0].decode()
            async with httpx.AsyncClient(base_url=address) as client:
                assert (await client.get(path, headers=headers)).status_code == 200
                other = {"Cookie": f"vitrina_session={stranger['vitrina_session']}"}
                assert (await client.get(path, headers=other)).status_code == 404
                assert (await client.get(path)).status_code == 401

    asyncio.run(story())


def test_documents_need_the_right_to_data_health(address: str, small_home: Path) -> None:
    assert httpx.get(f"{address}/docs/", cookies=cookie(small_home, "telemarketing_operator")).status_code == 404


def test_a_revoked_session_loses_its_open_connection_within_seconds(address: str, small_home: Path) -> None:
    token, known = open_session(small_home, "supervisor")

    async def story() -> float:
        url = address.replace("http", "ws") + "/_stcore/stream"
        headers = {"Cookie": f"vitrina_session={token}"}
        loop = asyncio.get_running_loop()
        async with websockets.connect(
            url, origin=address, additional_headers=headers, subprotocols=["streamlit"]
        ) as socket:
            base = database(small_home)
            with base.begin() as session:
                sessions.revoke(session, int(known["session_id"]), system("tests"), now(), "tests")
            started = loop.time()
            with suppress(ConnectionClosed):
                while True:
                    await asyncio.wait_for(socket.recv(), 10)
            assert socket.close_code == 4401
            return loop.time() - started

    assert asyncio.run(story()) < 5


@pytest.mark.parametrize("column", ["last_seen_at", "expires_at"])
def test_a_session_that_is_idle_or_old_has_ended(address: str, small_home: Path, column: str) -> None:
    token, known = open_session(small_home, "supervisor")
    kept = {"vitrina_session": token}
    assert httpx.get(f"{address}/session", cookies=kept).status_code == 204
    with sqlite3.connect(Settings(home=small_home).state_dir / "crm.sqlite") as raw:
        raw.execute(
            f"update user_sessions set {column} = '2026-01-01 00:00:00' where session_id = ?", [known["session_id"]]
        )
    assert httpx.get(f"{address}/session", cookies=kept).status_code == 401


def test_asking_whether_the_session_holds_does_not_prolong_it_and_work_does(address: str, small_home: Path) -> None:
    token, known = open_session(small_home, "supervisor")
    kept, number = {"vitrina_session": token}, known["session_id"]
    earlier = (now() - dt.timedelta(minutes=10)).replace(tzinfo=None).isoformat(" ")
    with sqlite3.connect(Settings(home=small_home).state_dir / "crm.sqlite") as raw:
        raw.execute("update user_sessions set last_seen_at = ? where session_id = ?", [earlier, number])

    def seen() -> str:
        with sqlite3.connect(Settings(home=small_home).state_dir / "crm.sqlite") as raw:
            found = raw.execute("select last_seen_at from user_sessions where session_id = ?", [number]).fetchone()
        return str(found[0])

    assert httpx.get(f"{address}/session", cookies=kept).status_code == 204
    assert seen() == earlier
    assert httpx.post(f"{address}/session", cookies=kept, headers={"Origin": address}).status_code == 204
    assert seen() > earlier


def test_a_session_outlives_the_server(small_home: Path) -> None:
    kept = cookie(small_home)
    for _ in range(2):
        with served(small_home) as address:
            assert httpx.get(f"{address}/session", cookies=kept).status_code == 204


def test_before_the_first_own_password_only_its_form_is_open(address: str, small_home: Path) -> None:
    base = database(small_home)
    with base.begin() as session:
        settings = Settings(home=small_home)
        new = accounts.NewUser("fresh.user", "Новый Пользователь")
        user = accounts.create_user(session, new, "First-Apricot-70", system("tests"), now(), settings.accounts)
        token, _ = sessions.create(session, user.user_id, "127.0.0.1", "tests", now(), settings.accounts)
    base.close()
    with httpx.Client(base_url=address, cookies={"vitrina_session": token}, headers={"Origin": address}) as client:
        moved = client.get("/customers", headers={"Accept": "text/html"})
        assert (moved.status_code, moved.headers["location"]) == (303, "/password")
        assert client.get("/api/v1/me").status_code == 403
        assert asyncio.run(knock(address, address, Cookie=f"vitrina_session={token}")) == 403
        form_token = re.search(r'name="form_token" value="([^"]+)"', client.get("/password").text)
        assert form_token
        fields = {"form_token": form_token[1], "present": "First-Apricot-70"}
        short = client.post("/password", data={**fields, "new": "short", "again": "short"})
        assert short.status_code == 400
        assert "не менее 12 знаков" in short.text
        done = client.post("/password", data={**fields, "new": "Second-Apricot-71", "again": "Second-Apricot-71"})
        assert (done.status_code, done.headers["location"]) == (303, "/")
        assert client.get("/customers", headers={"Accept": "text/html"}).status_code == 200


@pytest.fixture(scope="module")
def page_token(small_home: Path, address: str) -> Iterator[str]:
    """Of a message of a campaign that was sent."""
    message = NewMessage("pages:77:n1:0:1", "pages", "n1", 77, 77, "email", "hello")
    opened = database(small_home)
    with opened.begin() as session:
        outbox.put(session, [message], now())
        landing.save_page(session, "pages", "ru", "Тариф", "Текст", "Да", "https://x.uz/a", system("tests"), now())
        sent = {"state": "sent", "contacted_at": now(), "sent_at": now(), "language": "ru"}
        session.execute(update(OutboxMessage).where(OutboxMessage.key == message.key).values(sent))
        token = session.scalars(select(OutboxMessage.token).where(OutboxMessage.key == message.key)).one()
    yield token
    opened.close()


def test_a_personal_page_is_open_to_all_and_gives_no_cookie_and_no_script_of_ours(
    address: str, page_token: str
) -> None:
    answer = httpx.get(f"{address}/l/{page_token}", headers={"Accept": "text/html"})
    assert (answer.status_code, "Тариф" in answer.text) == (200, True)
    assert "set-cookie" not in answer.headers
    assert "session.js" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert httpx.get(f"{address}/l/{page_token}/go").headers["location"] == "https://x.uz/a"
    dot = httpx.get(f"{address}/l/{page_token}/o.gif", headers={"Origin": "https://mail.example"})
    assert "cross-origin-resource-policy" not in dot.headers


def test_a_mail_program_takes_its_reader_out_by_one_post_from_elsewhere(
    address: str, page_token: str, small_home: Path
) -> None:
    elsewhere, body = {"Origin": "https://mail.example"}, {"List-Unsubscribe": "One-Click"}
    assert httpx.post(f"{address}/l/{page_token}/stop", data=body, headers=elsewhere).status_code == 200
    opened = database(small_home)
    with opened.read() as session:
        found = session.scalars(select(OptOut).where(OptOut.customer_id == 77)).one()
        assert (found.channel, found.source) == ("email", "landing")
    opened.close()


@pytest.mark.parametrize("path", ["/l", "/l/../customers", "/l/%2e%2e/customers", "/lx", "/l/..%2fapi/v1/me"])
def test_behind_the_door_of_personal_pages_is_nothing_else(address: str, page_token: str, path: str) -> None:
    answer = httpx.get(f"{address}{path}")
    assert answer.status_code in (303, 307, 400, 401, 404)
    assert "Тариф" not in answer.text
