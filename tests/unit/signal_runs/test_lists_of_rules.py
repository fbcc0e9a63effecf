"""Rules that put customers on a list: the list grows with their signals, and a run that died is made good."""

import datetime as dt
from pathlib import Path

import pyarrow.parquet as parquet

from crm.database import Database
from crm.services import segments, signals
from crm.services.segments import ListFacts
from tests.signal_reference.world import LAST
from tests.unit.signal_runs.operator import NOW, SYSTEM, Operator, desk, rules
from vitrina.cli.signal_lists import fill_lists
from vitrina.settings import Settings
from vitrina.signal_runs.evaluate import evaluate


def test_a_list_gets_whom_its_rule_found_and_nobody_twice(database: Database, tmp_path: Path) -> None:
    keeper, settings = desk(database, LAST - dt.timedelta(days=2)), Settings(home=tmp_path)
    with database.begin() as session:
        segments.register_list(session, "Debtors", ListFacts("x.csv", "0" * 64, 1, 1), SYSTEM, NOW)
        document = {**rules()["debt"], "action": {"kind": "list", "list": "debtors"}}
        info = signals.rule(session, None, "debt")
        signals.save_rule(session, "debt", SYSTEM, NOW, base=info.revision, author=author(), document=document)
        signals.put_live(session, "debt", SYSTEM, NOW, "on the list")
    file = tmp_path / "lists" / "list_key=debtors" / "members.parquet"
    keeper.record(evaluate(keeper.plan(LAST), Operator(), 1, LAST))
    with database.read() as session:
        found, total = signals.inbox(session, None, signals.Filter(rules=("debt",)), limit=1000)
    assert total > 3
    assert fill_lists(settings, database, NOW) == total
    assert sorted(parquet.read_table(file)["customer_id"].to_pylist()) == sorted(each.customer_id for each in found)
    assert fill_lists(settings, database, NOW) == 0
    with database.read() as session:
        assert segments.list_info(session, "debtors").facts.members == total


def author() -> signals.RuleAuthor:
    """The machine's administrator."""
    from segments.catalogue import Catalogue
    from segments.engine import At

    everything = segments.Author(Catalogue({}, {}, {}), At.current(LAST))
    return signals.RuleAuthor(everything, lambda _rule, _others: frozenset())
