"""REST and SOAP over a real socket: pages, overload, time-outs, faults, and going on where the last read ended."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from ingest_shop import Shop
from lxml import etree

from ingest.connectors.http import ComeLaterError, retry_after
from vitrina.errors import UserError

COLUMNS: list[dict[str, Any]] = [
    {"name": "inn", "type": "string", "key": 1, "logicalTypeOptions": {"pattern": "^[0-9]{9}$"}},
    {"name": "name", "type": "string", "required": True},
    {"name": "updated_at", "type": "timestamp", "required": True, "key": 2},
]
RETRY = {"attempts": 4, "wait_seconds": 0.01, "max_wait_seconds": 0.05}
REST: dict[str, Any] = {
    "kind": "rest", "url_env": "SHOP_API", "token_env": "SHOP_TOKEN", "resource": "/v1/firms", "page_size": 2,
    "since_param": "updated_since", "incremental": "updated_at", "timeout_seconds": 0.5, "retry": RETRY,
}  # fmt: skip


class Service:
    """A portal in memory. `moods` are taken one per request: a status, `slow`, `cut` or `page`."""

    def __init__(self) -> None:
        self.firms = [(f"30000000{n}", f"Фирма {n}", f"2026-02-0{n}T00:00:00") for n in range(1, 6)]
        self.moods: list[Any] = []
        self.requests: list[str] = []
        self.release = threading.Event()

    @contextmanager
    def running(self, handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.service = self  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            self.release.set()
            server.shutdown()
            server.server_close()


class _Quiet(BaseHTTPRequestHandler):
    @property
    def service(self) -> Service:
        return self.server.service  # type: ignore[attr-defined,no-any-return]

    def log_message(self, *args: Any) -> None:
        """Tests are quiet."""

    def answer(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


class _Rest(_Quiet):
    def do_GET(self) -> None:
        self.service.requests.append(self.path)
        mood = self.service.moods.pop(0) if self.service.moods else "well"
        if mood == "slow":
            self.service.release.wait(2)
        if isinstance(mood, int):
            return self.answer(mood, b"no", Retry_After="0")
        if mood == "page":
            return self.answer(200, b"<html>proxy</html>")
        if self.headers["Authorization"] != "Bearer secret":
            return self.answer(401, b"who are you")
        query = {name: values[0] for name, values in parse_qs(urlparse(self.path).query).items()}
        found = [f for f in self.service.firms if f[2] > query.get("updated_since", "")]
        page, size = int(query["page"]), int(query["page_size"])
        items = [
            dict(zip(("inn", "name", "updated_at"), f, strict=True)) for f in found[(page - 1) * size : page * size]
        ]
        body = json.dumps({"items": items, "page": page, "pages": max(1, -(-len(found) // size))}, ensure_ascii=False)
        return self.answer(200, body.encode())


@pytest.fixture
def portal(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    service = Service()
    shop.describe("firm", REST, COLUMNS)
    monkeypatch.setenv("SHOP_TOKEN", "secret")
    with service.running(_Rest) as url:
        monkeypatch.setenv("SHOP_API", url)
        yield service


def test_all_pages_are_one_delivery_and_the_next_read_asks_only_for_what_is_newer(shop: Shop, portal: Service) -> None:
    assert shop.ingest("firm").accepted_rows == 5
    assert [len(line.split('"inn"')) - 1 for line in _landed(shop).splitlines()] == [2, 2, 1]
    assert shop.raw("inn, name, _line", "firm")[4] == ("300000005", "Фирма 5", 5)
    portal.requests.clear()
    assert shop.ingest("firm").received_rows == 0
    assert portal.requests == ["/v1/firms?page_size=2&updated_since=2026-02-05T00%3A00%3A00&page=1"]
    portal.firms.append(("300000001", "Фирма 1", "2026-03-01T00:00:00"))
    portal.firms.append(("bad", "Фирма ?", "2026-03-02T00:00:00"))
    result = shop.ingest("firm")
    assert (result.accepted_rows, result.quarantined_rows) == (1, 1)
    assert shop.quarantine('"value", _line', "firm") == [("bad", 2)]


def test_an_item_from_the_far_future_does_not_hide_what_changes_later(shop: Shop, portal: Service) -> None:
    portal.firms.append(("300000007", "Фирма 7", "2999-01-01T00:00:00"))
    assert shop.ingest("firm").accepted_rows == 6
    shop.extract("firm")
    assert "updated_since=2026-02-05T00%3A00%3A00" in portal.requests[-1]


@pytest.mark.parametrize("mood", [429, 503, "slow", "page"])
def test_a_passing_trouble_is_waited_out(shop: Shop, portal: Service, mood: Any) -> None:
    portal.moods = ["well", mood, mood]
    assert shop.ingest("firm").accepted_rows == 5
    assert len(portal.requests) == 5


def test_a_lasting_trouble_lands_nothing_and_the_next_read_gets_all(shop: Shop, portal: Service) -> None:
    portal.moods = ["well", 503, 503, 503, 503]
    with pytest.raises(ComeLaterError, match="HTTP 503"):
        shop.extract("firm")
    assert shop.deliveries("firm") == []
    assert shop.ingest("firm").accepted_rows == 5


def test_a_refusal_is_told_at_once(shop: Shop, portal: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "stolen")
    with pytest.raises(UserError, match="HTTP 401"):
        shop.extract("firm")
    assert len(portal.requests) == 1


def test_retry_after_is_understood_as_seconds_and_as_a_date() -> None:
    now = datetime(2026, 2, 1, 12, 0, 0, tzinfo=UTC)
    assert retry_after("7") == 7
    assert retry_after("Sun, 01 Feb 2026 12:00:30 GMT", now) == 30
    assert retry_after("soon") is None


def _landed(shop: Shop) -> str:
    return next((shop.settings.landing_dir / "shop" / "firm").glob("*/*.jsonl")).read_text()


WSDL = """<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:t="urn:firms"
  xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:firms" name="Firms">
<types><x:schema targetNamespace="urn:firms" elementFormDefault="qualified">
 <x:element name="List"><x:complexType><x:sequence><x:element name="since" type="x:string"/>
  <x:element name="page" type="x:int"/><x:element name="size" type="x:int"/></x:sequence></x:complexType></x:element>
 <x:element name="ListResponse"><x:complexType><x:sequence><x:element name="firm" minOccurs="0" maxOccurs="unbounded">
  <x:complexType><x:sequence><x:element name="INN" type="x:string"/><x:element name="Name" type="x:string"/>
  <x:element name="Changed" type="x:string"/></x:sequence></x:complexType></x:element></x:sequence></x:complexType>
 </x:element></x:schema></types>
<message name="In"><part name="p" element="t:List"/></message>
<message name="Out"><part name="p" element="t:ListResponse"/></message>
<portType name="P"><operation name="List"><input message="t:In"/><output message="t:Out"/></operation></portType>
<binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="List">
 <s:operation soapAction="urn:List"/><input><s:body use="literal"/></input>
 <output><s:body use="literal"/></output></operation></binding>
<service name="S"><port name="Q" binding="t:B"><s:address location="{url}/firms"/></port></service></definitions>"""
ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{}</s:Body></s:Envelope>'
SOAP: dict[str, Any] = {
    "kind": "soap", "url_env": "SHOP_API", "operation": "List", "rows": "ListResponse/firm", "page_size": 2,
    "params": {"since": "{since}", "page": "{page}", "size": "{page_size}"}, "incremental": "updated_at",
    "fields": {"inn": "INN", "name": "Name", "updated_at": "Changed"}, "timeout_seconds": 0.5, "retry": RETRY,
}  # fmt: skip


class _Soap(_Quiet):
    def do_GET(self) -> None:
        host = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        self.answer(200, WSDL.replace("{url}", host).encode(), "text/xml")

    def do_POST(self) -> None:
        asked = etree.fromstring(self.rfile.read(int(self.headers["Content-Length"])))
        values = {etree.QName(e).localname: e.text for e in asked.iter() if isinstance(e.tag, str)}
        self.service.requests.append(f"{values['since']} {values['page']}")
        mood = self.service.moods.pop(0) if self.service.moods else "well"
        if isinstance(mood, int):
            return self.answer(mood, b"busy", "text/plain")
        if mood == "fault":
            fault = ENVELOPE.format(
                "<s:Fault><faultcode>s:Server</faultcode><faultstring>No such period</faultstring></s:Fault>"
            )
            return self.answer(500, fault.encode(), "text/xml")
        found = [f for f in self.service.firms if f[2] > str(values["since"])]
        page, size = int(str(values["page"])), int(str(values["size"]))
        rows = "".join(
            f"<f:firm><f:INN>{inn}</f:INN><f:Name>{name}</f:Name><f:Changed>{at}</f:Changed></f:firm>"
            for inn, name, at in found[(page - 1) * size : page * size]
        )
        body = ENVELOPE.format(f'<f:ListResponse xmlns:f="urn:firms">{rows}</f:ListResponse>')
        return self.answer(200, body.encode(), "text/xml; charset=utf-8")


@pytest.fixture
def soap(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    service = Service()
    shop.describe("firm", SOAP, COLUMNS)
    with service.running(_Soap) as url:
        monkeypatch.setenv("SHOP_API", f"{url}/firms?wsdl")
        yield service


def test_a_soap_list_is_read_page_by_page_and_lands_as_it_came(shop: Shop, soap: Service) -> None:
    assert shop.ingest("firm").accepted_rows == 5
    assert soap.requests == [f"1970-01-01T00:00:00 {page}" for page in (1, 2, 3)]
    assert sorted(shop.raw("inn, name", "firm"))[0] == ("300000001", "Фирма 1")
    landed = sorted((shop.settings.landing_dir / "shop" / "firm").glob("*/*.xml"))
    assert len(landed) == 3
    assert landed[0].read_bytes().startswith(b"<s:Envelope")
    soap.firms.append(("300000009", "Фирма 9", "2026-04-01T00:00:00"))
    assert shop.ingest("firm").accepted_rows == 1
    assert soap.requests[-1] == "2026-02-05T00:00:00 1"


def test_a_list_that_ends_with_a_full_page_still_moves_the_watermark(shop: Shop, soap: Service) -> None:
    soap.firms = soap.firms[:4]
    assert shop.ingest("firm").accepted_rows == 4
    assert shop.ingest("firm").received_rows == 0
    assert soap.requests[-1] == "2026-02-04T00:00:00 1"


def test_a_busy_soap_service_is_waited_for_and_its_fault_is_told(shop: Shop, soap: Service) -> None:
    soap.moods = [503, 429]
    assert shop.ingest("firm").accepted_rows == 5
    soap.moods = ["fault"]
    with pytest.raises(UserError, match="No such period"):
        shop.extract("firm")
