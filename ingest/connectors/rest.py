"""JSON lists over HTTP, page by page, from where the last read ended.

All pages of one extraction are one delivery, one page a line. A half-read list is never landed.
"""

import json
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx

from ingest.config import RestEntity
from ingest.connectors.http import PASSING, ComeLaterError, Pace, patiently, retry_after, usable_mark
from ingest.landing import Landed, Origin, land_stream
from ingest.workspace import Workspace
from vitrina.errors import UserError

_SPOOL = 8 << 20


def extract(workspace: Workspace, entity: RestEntity) -> Iterator[Landed]:
    """Land everything that changed since the watermark; nothing when nothing did."""
    url = workspace.settings.secret(entity.url_env).rstrip("/")
    since = workspace.ledger.watermark(entity.source, entity.entity)
    newest, items = since, 0
    with _client(workspace, entity, url) as client, tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
        for body in _pages(client, entity, since):
            page = _items(entity, body)
            items += len(page)
            newest = _newest(entity, page, newest, workspace.clock())
            spool.write(_one_line(body) + b"\n")
        if not items:
            return
        spool.seek(0)
        name = f"{entity.entity}_{workspace.clock():%Y%m%dT%H%M%S}.jsonl"
        origin = Origin(f"{url}/{entity.resource.lstrip('/')}", name, watermark=newest, extra={"rows": items})
        yield land_stream(workspace, entity, spool, origin)  # type: ignore[arg-type]


def _client(workspace: Workspace, entity: RestEntity, url: str) -> httpx.Client:
    headers = dict(entity.headers)
    if entity.token_env:
        headers["Authorization"] = f"Bearer {workspace.settings.secret(entity.token_env)}"
    return httpx.Client(base_url=url, headers=headers, timeout=entity.timeout_seconds)


def _pages(client: httpx.Client, entity: RestEntity, since: str | None) -> Iterator[bytes]:
    paging, pace = entity.paging, Pace(entity.requests_per_second)
    params: dict[str, Any] = dict(entity.params) | {paging.size_param: entity.page_size}
    if since is not None and entity.since_param:
        params[entity.since_param] = since
    resource: str = entity.resource
    for page in range(paging.first_page, paging.first_page + paging.max_pages):
        query = params | {paging.page_param: page} if params else None
        body = patiently(entity.retry, lambda to=resource, asked=query: _get(client, to, asked, pace))  # type: ignore[misc]
        yield body
        document = json.loads(body)
        if paging.next_url:
            resource, params = document.get(paging.next_url), {}
            if not resource:
                return
        elif _is_last(entity, document, page):
            return
    raise UserError(f"{entity.table}: more than {paging.max_pages} pages: the source never says which is the last")


def _get(client: httpx.Client, resource: str, params: dict[str, Any] | None, pace: Pace) -> bytes:
    pace.wait()
    try:
        answer = client.get(resource, params=params)
    except httpx.TransportError as error:
        raise ComeLaterError(f"{type(error).__name__}: {error}") from error
    if answer.status_code in PASSING:
        raise ComeLaterError(f"HTTP {answer.status_code}", retry_after(answer.headers.get("Retry-After")))
    if answer.is_error:
        raise UserError(f"{answer.request.url.path}: HTTP {answer.status_code}: {answer.text[:200]}")
    try:
        answer.json()
    except ValueError:
        # a proxy's error page with status 200, or a body cut off on the way
        raise ComeLaterError(f"{answer.request.url.path}: the answer is not JSON") from None
    return answer.content


def _is_last(entity: RestEntity, document: Any, page: int) -> bool:
    pages = document.get(entity.paging.pages) if entity.paging.pages and isinstance(document, dict) else None
    if isinstance(pages, int):
        return page >= entity.paging.first_page + pages - 1
    return len(_rows(entity, document)) < entity.page_size


def _rows(entity: RestEntity, document: Any) -> list[Any]:
    rows = document if isinstance(document, list) else document.get(entity.paging.items)
    if not isinstance(rows, list):
        raise UserError(f"{entity.table}: the answer has no list {entity.paging.items!r}")
    return rows


def _items(entity: RestEntity, body: bytes) -> list[Any]:
    return _rows(entity, json.loads(body))


def _newest(entity: RestEntity, page: list[Any], so_far: str | None, now: datetime) -> str | None:
    if not entity.incremental:
        return None
    name = entity.fields.get(entity.incremental, entity.incremental)
    found = (item.get(name) for item in page if isinstance(item, dict))
    values = [str(value) for value in found if usable_mark(value, now)]
    return max(
        [*values, *([so_far] if so_far else [])], key=lambda v: (len(v), v) if v.isdigit() else (0, v), default=None
    )


def _one_line(body: bytes) -> bytes:
    """The page as sent; only a pretty-printed one is folded to a line."""
    body = body.strip()
    return body if b"\n" not in body else json.dumps(json.loads(body), ensure_ascii=False).encode()
