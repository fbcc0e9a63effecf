"""SOAP operations through zeep: the service's own description says how to ask, the answers land as the XML that came.

Each answer is one delivery. Rows are read from the landed XML by the row path of the entry.
"""

from collections.abc import Iterator
from typing import Any

import requests
import zeep
from lxml import etree
from zeep.exceptions import Fault, TransportError
from zeep.transports import Transport

from ingest.config import SoapEntity
from ingest.connectors.http import PASSING, ComeLaterError, Pace, patiently, retry_after, usable_mark
from ingest.landing import Landed, Origin, land_bytes
from ingest.readers.xml import rows_of_bytes
from ingest.workspace import Workspace
from vitrina.errors import UserError


class _Keeping(Transport):
    """Keeps the bytes of the last answer: what lands is what came, not what zeep made of it."""

    last: bytes = b""

    def post(self, address: str, message: Any, headers: Any) -> requests.Response:
        """Ask, and turn an overloaded or silent service into `ComeLaterError`."""
        try:
            answer = super().post(address, message, headers)
        except requests.RequestException as error:
            raise ComeLaterError(f"{type(error).__name__}: {error}") from error
        if answer.status_code in PASSING and b"Fault" not in answer.content:
            raise ComeLaterError(f"HTTP {answer.status_code}", retry_after(answer.headers.get("Retry-After")))
        self.last = answer.content
        return answer


def extract(workspace: Workspace, entity: SoapEntity) -> Iterator[Landed]:
    """Land what changed since the watermark, answer by answer, until one brings no full page."""
    url = workspace.settings.secret(entity.url_env)
    transport = _Keeping(session=_session(workspace, entity), timeout=entity.timeout_seconds,
                         operation_timeout=entity.timeout_seconds)  # fmt: skip
    operation = patiently(entity.retry, lambda: _operation(url, entity, transport))
    since = workspace.ledger.watermark(entity.source, entity.entity)
    newest, pace, paged = since, Pace(entity.requests_per_second), "{page}" in str(entity.params)
    for page in range(1, 100_000):
        values = {"since": since or entity.initial_since, "page": page, "page_size": entity.page_size}
        content = patiently(entity.retry, lambda given=values: _ask(entity, operation, transport, given, pace))  # type: ignore[misc]
        rows = list(rows_of_bytes(content, entity.rows, _asked(entity)))
        marks = [row["mark"] for row in rows if usable_mark(row.get("mark"), workspace.clock())]
        newest = max(filter(None, [newest, *marks]), default=None)
        last = not paged or len(rows) < entity.page_size
        if rows:
            name = f"{entity.entity}_{workspace.clock():%Y%m%dT%H%M%S}_{page:05d}.xml"
            # the mark moves with the last page only: a killed extraction starts again and finds its pages duplicates
            mark = newest if last else None
            yield land_bytes(workspace, entity, content, Origin(f"{url}#{entity.operation}", name, watermark=mark,
                                                                extra={"rows": len(rows)}))  # fmt: skip
        elif newest != since and newest is not None:
            workspace.ledger.set_watermark(entity.source, entity.entity, newest, None, workspace.now())
        if last:
            return


def _asked(entity: SoapEntity) -> dict[str, str]:
    if not entity.incremental:
        return {}
    return {"mark": entity.fields.get(entity.incremental, entity.incremental)}


def _session(workspace: Workspace, entity: SoapEntity) -> requests.Session:
    session = requests.Session()
    if entity.token_env:
        session.headers["Authorization"] = f"Bearer {workspace.settings.secret(entity.token_env)}"
    return session


def _operation(url: str, entity: SoapEntity, transport: Transport) -> Any:
    try:
        client = zeep.Client(url, transport=transport)
    except requests.RequestException as error:
        raise ComeLaterError(f"{type(error).__name__}: {error}") from error
    except etree.XMLSyntaxError as error:
        raise UserError(f"{entity.table}: the service description cannot be read: {error}") from None
    service = client.bind(entity.service, entity.port) if entity.service else client.service
    try:
        return service[entity.operation]
    except AttributeError:
        raise UserError(f"{entity.table}: the service has no operation {entity.operation!r}") from None


def _ask(entity: SoapEntity, operation: Any, transport: _Keeping, values: dict[str, Any], pace: Pace) -> bytes:
    pace.wait()
    try:
        operation(**_filled(entity.params, values))
    except Fault as fault:
        raise UserError(f"{entity.table}: the service refused: {fault.message}") from None
    except TransportError as error:
        raise UserError(f"{entity.table}: HTTP {error.status_code}: {error.message}") from None
    return transport.last


def _filled(params: Any, values: dict[str, Any]) -> Any:
    if isinstance(params, dict):
        return {name: _filled(value, values) for name, value in params.items()}
    if isinstance(params, str) and params.startswith("{") and params.endswith("}") and params[1:-1] in values:
        return values[params[1:-1]]
    return params
