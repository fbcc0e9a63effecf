"""Plans and bonus schemes of the demo: made from the simulated operator's own history by the services that the screens
use, and approved by another user than the one who wrote them."""

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from vitrina.cli.operational import actor, moment
from vitrina.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.database import Database
    from crm.services.actor import Actor
    from crm.services.performance import Kpi, Period

TABLES = ("employee_results", "kpi_catalogue")
WRITER, APPROVER = "head_of_b2b", "commercial_director"
# Where the simulated company sells to organisations, and how many months before the running one have plans, too.
_UNITS, _PAST_MONTHS = "-sales", 3
_GROWTH_PCT: Final = 5.0
_REASON = "demo"

# What is paid for, by position: base in soʻm at 100 %, weights, and the scheme's name.
_SCHEMES: Final[dict[str, tuple[str, int, dict[str, int]]]] = {
    "manager_farmer": ("Развитие клиентов", 3_000_000,
                       {"revenue": 40, "payments": 30, "overdue_debt": 20, "sim_base_change": 10}),
    "manager_hunter": ("Привлечение клиентов", 3_500_000,
                       {"new_organisations": 40, "new_subscriptions": 30, "revenue": 30}),
}  # fmt: skip


def make_plans(settings: Settings, database: "Database") -> int:
    """Plans of the running month and quarter and of the last months for every sales unit, and the schemes; how many
    plans. None when there are plans already, or the people who write and approve them are not there."""
    from crm.services import accounts, performance
    from crm.services.notices import read_notices

    with database.read() as session:
        people = {each.login: each for each in accounts.users(session)}
        if not {WRITER, APPROVER} <= people.keys() or performance.plans(session, _departments(session)):
            return 0
    known = _marts(settings)
    if known is None:
        return 0
    kpis, history, as_of = known
    with database.begin() as session:
        writer, approver = (_acting(people[login]) for login in (WRITER, APPROVER))
        _schemes(session, kpis, as_of, approver)
        made = sum(
            _plan(session, unit, period, kpis, history, as_of, (writer, approver))
            for period in _periods(as_of)
            for unit in sorted(_departments(session))
            if unit.endswith(_UNITS)
        )
        # What was done for them here is no news to the people of the demo.
        for each in people.values():
            read_notices(session, each.user_id, moment())
        return made


def _plan(
    session: "Session", unit: str, period: "Period", kpis: list["Kpi"], history: Any, as_of: dt.date,
    people: tuple["Actor", "Actor"],
) -> int:  # fmt: skip
    from crm.errors import CrmError
    from crm.services import performance
    from crm.services.performance import Method, Period, Wish

    until = min(Period(as_of.replace(day=1)), Period(period.start)).shifted(-1).start
    if not performance.participants(session, unit, history, until):
        return 0
    wish = Wish(Method.LAST_YEAR, _GROWTH_PCT)
    try:
        lines = performance.built_lines(session, unit, period, kpis, history, as_of, wish)
    except CrmError:  # a demo of a year or less has no months to build from; its managers plan by hand
        return 0
    writer, approver = people
    made = performance.new_plan(session, period, unit, writer, moment())
    codes = frozenset(kpi.code for kpi in kpis)
    performance.save_lines(
        session, made.plan_id, lines, writer, moment(), base=made.revision, origin=wish.told(), kpis=codes
    )
    performance.submit(session, made.plan_id, writer, moment(), _REASON)
    performance.approve(session, made.plan_id, approver, moment(), _REASON)
    return 1


def _schemes(session: "Session", kpis: list["Kpi"], as_of: dt.date, approver: "Actor") -> None:
    from crm.services import performance
    from crm.services.performance import Period

    codes = frozenset(kpi.code for kpi in kpis)
    for position, (name, base, weights) in _SCHEMES.items():
        document = {
            "version": 1, "period": "month", "positions": [position], "base": {"kind": "amount", "usual": base},
            "kpis": [{"kpi": kpi, "weight": weight, "threshold_pct": 80, "accelerator": "1.5", "cap_pct": 150}
                     for kpi, weight in weights.items()],
            "cap_pct": 150,
        }  # fmt: skip
        first = Period(as_of.replace(month=1, day=1)).start
        performance.save_scheme(
            session, position.replace("_", "-"), name, first, document, approver, moment(), _REASON, codes
        )


def _periods(as_of: dt.date) -> list["Period"]:
    from crm.services.performance import Period, PeriodKind

    month = Period.holding(as_of)
    return [*(month.shifted(-back) for back in range(_PAST_MONTHS + 1)), Period.holding(as_of, PeriodKind.QUARTER)]


def _marts(settings: Settings) -> tuple[list["Kpi"], dict[str, dict[str, dict[dt.date, float]]], dt.date] | None:
    """Indicators, their monthly history by employee, and the day of the data; None for a snapshot without them."""
    from crm.services.performance import Kpi
    from vitrina.warehouse.reader import SnapshotReader

    with SnapshotReader.open(settings.published_dir) as reader:
        if not set(TABLES) <= set(reader.manifest.tables):
            return None
        rows = reader.query("select kpi, kind, unit, better from kpi_catalogue order by position").to_pylist()
        history: dict[str, dict[str, dict[dt.date, float]]] = {}
        months = reader.query(
            "select kpi, employee_id, month, cast(sum(value) as double) as value from employee_results group by all"
        )
        for row in months.to_pylist():
            history.setdefault(row["kpi"], {}).setdefault(row["employee_id"], {})[row["month"]] = row["value"]
        kpis = [Kpi(row["kpi"], row["kind"], row["unit"], row["better"]) for row in rows]
        return kpis, history, reader.manifest.as_of


def _departments(session: "Session") -> frozenset[str]:
    from crm.services.organisation import departments

    return frozenset(departments(session))


def _acting(user: Any) -> "Actor":
    from crm.services.actor import Actor

    return Actor(user.user_id, user.login, actor().address)
