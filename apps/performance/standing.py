"""Plan, result and bonus put together: what pages and the HTTP API show of somebody's period. No screen here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from apps.data.performance import Outlook
from crm.services import performance
from crm.services.organisation import departments, employees
from crm.services.performance import EMPLOYEE, WHOLE, Bonus, Kpi, Period, SchemeVersion, Subject
from crm.services.tree import DepartmentInfo, children, subtree
from vitrina.access.rights import Rights, Scope

Plans = dict[str, float]


@dataclass(frozen=True)
class Staff:
    """The company as pages of figures need it: names, positions and regions of employees; `paths`, names of departments
    with those above them up to the first below the top; `inside`, who is in which department or below it."""

    names: Mapping[str, str]
    positions: Mapping[str, str]
    homes: Mapping[str, str | None]
    regions: Mapping[str, str]
    places: Mapping[str, str]
    paths: Mapping[str, str]
    inside: Mapping[str, frozenset[str]]

    def of(self, subject: Subject) -> frozenset[str]:
        """Employees whose figures are the subject's."""
        return frozenset({subject.id}) if subject.kind == EMPLOYEE else self.inside.get(subject.id, frozenset())


@dataclass(frozen=True)
class BonusOutlook:
    """A bonus at the forecast, and at both ends of its interval; `now` is what today's results alone would give."""

    scheme: SchemeVersion
    expected: Bonus
    low: Bonus
    high: Bonus
    now: Bonus


def staff(session: Session) -> Staff:
    """The company of today; employees who left stay where they worked."""
    tree, people = departments(session), employees(session)
    below = children(tree.values())
    homes = {each.employee_id: each.department_id for each in people}
    inside = {
        place: frozenset(each for each, home in homes.items() if home in reached)
        for place in tree
        for reached in [subtree(place, below)]
    }
    return Staff(
        {each.employee_id: each.full_name for each in people}, {each.employee_id: each.position for each in people},
        homes, {each: tree[home].region_code or "" for each, home in homes.items() if home in tree},
        {key: each.name for key, each in tree.items()}, {key: _path(key, tree) for key in tree}, inside,
    )  # fmt: skip


def in_reach(rights: Rights, known: Iterable[str], action: str = "view") -> tuple[str, ...]:
    """Those of the employees whose figures the right reaches."""
    scope = rights.scope(performance.OBJECT, action)
    if scope is None:
        return ()
    if scope is Scope.ALL:
        return tuple(sorted(known))
    return tuple(sorted(frozenset(known) & rights.employees_in(scope)))


def plans_of(session: Session, company: Staff, subjects: Iterable[Subject], period: Period) -> dict[Subject, Plans]:
    """What counts as each subject's plan: an employee's own line; of a department its own line where nobody below it is
    planned, else the sum of those below it, whichever plans they stand in."""
    lines = performance.approved_lines(session, [period])[period]
    found: dict[Subject, Plans] = {}
    for subject in subjects:
        own = {kpi: amount / WHOLE for (planned, kpi), amount in lines.items() if planned == subject}
        if subject.kind != EMPLOYEE:
            people = company.of(subject)
            sums: Plans = {}
            for (planned, kpi), amount in lines.items():
                if planned.kind == EMPLOYEE and planned.id in people:
                    sums[kpi] = sums.get(kpi, 0.0) + amount / WHOLE
            own |= sums
        found[subject] = own
    return found


def bonus_outlook(
    schemes: Iterable[SchemeVersion], company: Staff, employee_id: str, period: Period, plans: Plans,
    outlooks: Mapping[str, Outlook], known: Mapping[str, Kpi],
) -> BonusOutlook | None:  # fmt: skip
    """The bonus of an employee for a period; None when no scheme holds for his position on its first day."""
    scheme = performance.scheme_for(schemes, company.positions.get(employee_id, ""), period.start, period.kind)
    if scheme is None:
        return None
    better = {code: kpi.better for code, kpi in known.items()}

    def at(results: Mapping[str, float]) -> Bonus:
        return performance.bonus(scheme.scheme, employee_id, plans, results, better)

    ends = {code: _ends(each, better.get(code, "up")) for code, each in outlooks.items()}
    return BonusOutlook(
        scheme, at({code: each.expected or 0.0 for code, each in outlooks.items()}),
        at({code: worst for code, (worst, _) in ends.items()}), at({code: best for code, (_, best) in ends.items()}),
        at({code: each.fact or 0.0 for code, each in outlooks.items()}),
    )  # fmt: skip


def _path(key: str, tree: Mapping[str, DepartmentInfo]) -> str:
    names, here, seen = [tree[key].name], tree[key].parent_id, {key}
    while here is not None and here in tree and here not in seen and tree[here].parent_id is not None:
        names.append(tree[here].name)
        seen.add(here)
        here = tree[here].parent_id
    return " / ".join(reversed(names))


def _ends(outlook: Outlook, better: str) -> tuple[float, float]:
    """The worse and the better end of the interval."""
    if outlook.forecast is None:
        return outlook.fact or 0.0, outlook.fact or 0.0
    low, high = outlook.forecast.low, outlook.forecast.high
    return (low, high) if better == "up" else (high, low)
