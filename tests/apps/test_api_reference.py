"""The description of the API: whole, offline, and in the language of the reader."""

import re
from pathlib import Path

import httpx
import pytest

from apps.api.app import make_api
from apps.api.reference import operations
from tests.apps.browser import ARGUMENTS, chromium, served
from tests.apps.people import open_session


@pytest.mark.usefixtures("use_home")
def test_every_route_of_the_description_is_on_the_page_with_all_that_it_takes() -> None:
    described = make_api().openapi()
    groups = operations(described)
    told = {(each.method.lower(), each.path.removeprefix("/api")): each for found in groups.values() for each in found}
    assert set(told) == {(method, path) for path, methods in described["paths"].items() for method in methods}
    assert all(each.description for each in told.values())
    assert {field.name for field in told["get", "/v1/customers"].fields} >= {"q", "order", "limit"}
    limit = next(field for field in told["get", "/v1/customers"].fields if field.name == "limit")
    assert (limit.type, limit.note) == ("integer", "≥ 1; ≤ 1000; = 50")
    (sql,) = (field for field in told["post", "/v1/sql"].fields if field.name == "sql")
    assert (sql.place, sql.required) == ("body", True)


@pytest.mark.browser
@pytest.mark.slow
def test_the_page_works_under_the_content_policy_and_loads_nothing_from_elsewhere(small_home: Path) -> None:
    from playwright.sync_api import sync_playwright

    with served(small_home) as address, sync_playwright() as play:
        assert httpx.get(f"{address}/api/docs", headers={"Accept": "text/html"}).status_code == 303
        browser = play.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies(
            [{"name": "vitrina_session", "value": open_session(small_home, "hunter")[0], "url": address}]
        )
        page, asked, said = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        for language, title in (
            ("ru", "Что здесь может делать"),
            ("uz", "Dastur bu yerda"),
            ("en", "What a program may"),
        ):
            page.goto(f"{address}/api/docs?lang={language}")
            assert title in page.inner_text("main")
        page.click("summary:has-text('/api/v1/sql')")
        assert "detail" in page.inner_text("main")
        assert page.is_visible("details[open] td:has-text('sql')")
        assert page.evaluate("getComputedStyle(document.querySelector('.contents')).position") == "sticky"
        browser.close()
    assert all(re.match(re.escape(address), url) for url in asked)
    assert said == []
