"""Ten people building segments at once through the real server: how long from a change to its count.

    python -m benchmarks.segment_builders [--customers 3000000 | --home FOLDER] [--people 10] [--changes 12]

Each person has a signed-in session and a websocket of his own, as his browser has, and changes one value after another
with a pause for thought, never to a definition that somebody asked about before. Times are from the moment at which the
browser hands a change over until the count is there; the browser itself waits a quarter of a second before that, in
which somebody may still be typing. Aim: p95 under a second with that quarter included.
"""

import argparse
import json
import random
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from benchmarks import segment_data
from segments.catalogue import LANGUAGES, Field
from tests.apps.browser import served
from tests.apps.people import make_people, open_session
from tests.reference_evaluator.project import project_catalogue

DEBOUNCE = 0.25
POLL = 0.2
THINK = (1.0, 3.0)


def main() -> None:
    """Serve the home, let everybody build, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, help="a home with a snapshot and accounts, such as that of make demo")
    parser.add_argument("--customers", type=int, default=3_000_000, help="without a home: how many to make one of")
    parser.add_argument("--keep", type=Path, help="folder to make the home in, and to use again when it is there")
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--changes", type=int, default=12)
    parser.add_argument("--login", default="head_of_marketing")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or given.keep or Path(folder)
        if given.home is None and not (home / "published").exists():
            segment_data.make(home, given.customers, given.customers // 3, whole_history=False, also=_catalogue)
            make_people(home)
        _run(home, given)


def _run(home: Path, given: argparse.Namespace) -> None:
    with served(home) as address:
        people = [_Builder(home, address, given.login, given.changes, seed) for seed in range(given.people)]
        threads = [threading.Thread(target=person.run) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for failed in filter(None, (person.failure for person in people)):
        raise RuntimeError("somebody's session failed") from failed
    _tell(people)


def _catalogue(con: Any) -> None:
    """The marts that say what a condition may name, for the tables that are there."""
    known = project_catalogue()
    there = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    entities = [each for each in (*known.events.values(), *known.related.values()) if each.table in there]
    fields = {each.name: each.fields for each in entities}
    marts = {
        "attribute_catalogue": [_field(each) for each in known.attributes.values()],
        "segment_entities": [
            {
                "name": each.name, "kind": each.kind, "table_name": each.table, "customer_column": each.customer_column,
                "date_column": each.date_column, "month_column": each.month_column, "description": each.description,
                "valid_from_column": each.valid_from_column, "valid_to_column": each.valid_to_column,
                **{f"label_{language}": text for language, text in each.labels.items()},
            }
            for each in entities
        ],
        "segment_fields": [
            _field(each) | {"entity": name} for name, own in fields.items() for each in own.values()
        ],
    }  # fmt: skip
    for mart, rows in marts.items():
        table = pa.Table.from_pylist([{"position": place, **row} for place, row in enumerate(rows, 1)])
        con.register("rows_of_mart", table)
        con.execute(f"CREATE TABLE marts.{mart} AS SELECT * FROM rows_of_mart")
        con.unregister("rows_of_mart")


def _field(each: Field) -> dict[str, Any]:
    texts = {"label": each.labels, "unit_label": each.units, "group_label": each.groups}
    return {
        "name": each.name, "type": each.sql_type, "unit": each.unit, "group": each.group,
        "personal_data_class": each.personal, "source": ",".join(each.sources), "description": each.description,
        "null_meaning": each.null_meaning, "values_from": each.values_from, "renamed_from": None,
        "deprecated_note": None, "replaced_by": None,
        **{f"{name}_{language}": told.get(language, "") for name, told in texts.items() for language in LANGUAGES},
    }  # fmt: skip


def _tell(people: "list[_Builder]") -> None:
    print(f"{len(people)} people, {sum(len(each.counted) for each in people)} changes; milliseconds")
    print(f"{'':34} {'p50':>7} {'p95':>7} {'worst':>7}")
    for name, times in (
        ("a change reaches its count", [each for person in people for each in person.counted]),
        ("… with the browser's own wait", [each + DEBOUNCE for person in people for each in person.counted]),
        ("… and its waterfall", [each for person in people for each in person.settled]),
        ("the page opens", [person.opened for person in people]),
    ):
        cuts = statistics.quantiles(times, n=20) if len(times) > 1 else [times[0]] * 19
        print(f"{name:34} {1000 * cuts[9]:7.0f} {1000 * cuts[18]:7.0f} {1000 * max(times):7.0f}")


@dataclass
class _Builder:
    """One person with his browser's side of the protocol."""

    home: Path
    address: str
    login: str
    changes: int
    seed: int
    counted: list[float] = field(default_factory=list)
    settled: list[float] = field(default_factory=list)
    opened: float = 0.0
    failure: Exception | None = None
    page: str = ""
    fragment: str = ""
    component: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    def run(self) -> None:
        """Open the builder, then change and wait, again and again."""
        try:
            self._build(random.Random(self.seed))  # noqa: S311
        except Exception as error:
            self.failure = error

    def _build(self, chance: random.Random) -> None:
        token, _ = open_session(self.home, self.login)
        with connect(
            self.address.replace("http", "ws") + "/_stcore/stream", subprotocols=["streamlit"], origin=self.address,
            additional_headers={"Cookie": f"vitrina_session={token}"}, max_size=None,
        ) as socket:  # fmt: skip
            started = time.perf_counter()
            self._send(socket, None)
            self._wait(socket, lambda: self.data.get("count") is not None)
            self.opened = time.perf_counter() - started
            rules: list[dict[str, Any]] = []
            for number in range(1, self.changes + 1):
                self._pause(socket, chance.uniform(*THINK))
                rules = _changed(rules, chance)
                root = {"combinator": "and", "id": "root", "rules": rules}
                value = {"root": root, "revision": self.data["revision"], "sequence": number}
                started = time.perf_counter()
                self._send(socket, value)
                self._wait(socket, lambda n=number: self.data["seen"] == n and self.data["count"] is not None, value)
                self.counted.append(time.perf_counter() - started)
                self._wait(socket, lambda n=number: self.data["seen"] == n and not self.data["pending"], value)
                self.settled.append(time.perf_counter() - started)

    def _send(self, socket: ClientConnection, value: dict[str, Any] | None) -> None:
        """Ask for a run of the page, or of the builder alone with a changed definition."""
        message = BackMsg()
        message.rerun_script.page_name = "" if self.page else "segment"
        message.rerun_script.page_script_hash = self.page
        if value is not None:
            message.rerun_script.fragment_id = self.fragment
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.json_value = self.component, json.dumps({"value": value})
        socket.send(message.SerializeToString())

    def _wait(self, socket: ClientConnection, is_there: Any, value: dict[str, Any] | None = None) -> None:
        """Read until it is there; like the browser, ask again while a count is under way."""
        limit, asked = time.perf_counter() + 60, time.perf_counter()
        while not is_there():
            if time.perf_counter() > limit:
                raise TimeoutError("no count within a minute")
            self._read(socket, POLL / 4)
            if self.data.get("pending") and value is not None and time.perf_counter() - asked > POLL:
                asked = time.perf_counter()
                self._send(socket, value)

    def _pause(self, socket: ClientConnection, seconds: float) -> None:
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self._read(socket, left)

    def _read(self, socket: ClientConnection, seconds: float) -> None:
        try:
            received = socket.recv(timeout=seconds)
        except TimeoutError:
            return
        message = ForwardMsg()
        message.ParseFromString(received if isinstance(received, bytes) else received.encode())
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.page = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "bidi_component":
            shown = message.delta.new_element.bidi_component
            self.component, self.fragment = shown.id, message.delta.fragment_id or self.fragment
            self.data = json.loads(shown.json or shown.mixed.json)


def _changed(rules: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """One more condition up to five, then another value of one of them; no two alike."""
    number = lambda low, high: round(chance.uniform(low, high), 3)  # noqa: E731
    kinds: list[dict[str, Any]] = [
        {"kind": "attribute", "field": "charges_amount_last_month", "operator": ">", "value": number(0, 100_000)},
        {"kind": "attribute", "field": "data_mb_last_month", "operator": "<", "value": number(500, 50_000)},
        {"kind": "attribute", "field": "tenure_days", "operator": ">=", "value": chance.randrange(1500)},
        {"kind": "event", "event": "payments", "measure": {"function": "sum", "field": "amount"}, "operator": ">=",
         "value": number(0, 300_000), "window": {"last": 90, "unit": "day"}},
        {"kind": "related", "entity": "subscriptions", "quantifier": "count", "operator": ">=",
         "value": chance.randrange(1, 3)},
    ]  # fmt: skip
    if len(rules) < len(kinds):
        made = kinds[len(rules)]
        return [*rules, {**made, "id": f"r{len(rules)}"}]
    place = chance.randrange(len(kinds) - 1)
    return [{**kinds[place], "id": f"r{place}"} if at == place else rule for at, rule in enumerate(rules)]


if __name__ == "__main__":
    main()
