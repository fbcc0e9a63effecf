"""The operator's own people: a department tree by region, hunters and farmers, and those who leave."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from simulator.geography import REGIONS
from simulator.months import NEVER, Clock, latest_changes
from simulator.names import draw_names, spell
from simulator.randomness import stream

GROUPS = ("sales", "care", "marketing", "network")
GROUP_NAMES = {"sales": "Отдел корпоративных продаж", "care": "Отдел обслуживания",
               "marketing": "Отдел маркетинга", "network": "Отдел эксплуатации сети"}  # fmt: skip
_POSITIONS = {"sales": ("head", "manager_hunter", "manager_farmer"), "care": ("head", "operator"),
              "marketing": ("head", "marketer"), "network": ("head", "engineer")}  # fmt: skip


@dataclass(frozen=True)
class Staff:
    """Employees in order of number; a manager slot is a place that its holder may leave to a successor."""

    departments: pl.DataFrame
    department: list[str]
    position: list[str]
    full_name: pl.Series
    hired_day: np.ndarray
    left_day: np.ndarray
    slot_region: np.ndarray
    slot_holder: np.ndarray
    slot_successor: np.ndarray

    @property
    def slot_left_day(self) -> np.ndarray:
        """The day on which each manager slot passes to the successor."""
        return self.left_day[self.slot_holder]


def employee_id(number: np.ndarray) -> pl.Series:
    """Text ids of employee numbers; negative numbers become null."""
    text = pl.Series("employee_id", np.asarray(number, dtype=np.int64) + 1001)
    return pl.DataFrame({"n": text}).select(
        pl.when(pl.col("n") > 1000).then(pl.concat_str(pl.lit("E"), pl.col("n").cast(pl.String))).alias("e")
    )["e"]


def build_staff(seed: int, customers: int, clock: Clock, months: int) -> Staff:
    """Departments and employees; the number of managers follows the number of organisations."""
    rng = stream(seed, "staff")
    per_region = int(np.clip(customers * 0.06 / 14 / 60, 1, 40))
    departments = _departments()
    places = [("HQ", "director")] + [(d, p) for d, p in _places(departments, per_region)]
    count = len(places)
    names = draw_names(rng, count * 2)
    managers = [i for i, (_, p) in enumerate(places) if p.startswith("manager")]
    leaving = rng.random(count) < 0.12
    left = np.where(leaving, rng.integers(20, max(40, months * 30), count), NEVER)
    successors = [i for i in range(count) if leaving[i]]
    number_of = {place: count + k for k, place in enumerate(successors)}
    spelled = spell(names, np.zeros(count * 2, dtype=np.int64)).select(
        pl.concat_str("last_name", "first_name", "middle_name", separator=" ")
    )
    return Staff(
        departments=departments,
        department=[d for d, _ in places] + [places[i][0] for i in successors],
        position=[p for _, p in places] + [places[i][1] for i in successors],
        full_name=spelled.to_series()[: count + len(successors)],
        hired_day=np.concatenate([-rng.integers(100, 2500, count), left[successors]]),
        left_day=np.concatenate([left, np.full(len(successors), NEVER)]),
        slot_region=np.array([_region_number(places[i][0]) for i in managers]),
        slot_holder=np.array(managers),
        slot_successor=np.array([number_of.get(i, i) for i in managers]),
    )


def department_rows(staff: Staff, clock: Clock, after: int, until: int) -> pl.DataFrame:
    """FORIS `department`: written once, long before the history begins."""
    founded = -3000
    frame = staff.departments.with_columns(
        clock.instants(np.full(len(staff.departments), founded), 0).alias("updated_at")
    )
    return frame if after < founded <= until else frame.clear()


def employee_rows(staff: Staff, clock: Clock, after: int, until: int) -> pl.DataFrame:
    """FORIS `employee` rows that changed in (after, until]: hired, or left."""
    count = len(staff.position)
    events = np.concatenate([staff.hired_day, staff.left_day])
    who, day = latest_changes(count, np.tile(np.arange(count), 2), events, after, until)
    return pl.DataFrame(
        {
            "employee_id": employee_id(who),
            "department_id": pl.Series([staff.department[i] for i in who], dtype=pl.String),
            "full_name": staff.full_name[who],
            "position": pl.Series([staff.position[i] for i in who], dtype=pl.String),
            "email": pl.Series([f"e{1001 + i}@operator.uz" for i in who], dtype=pl.String),
            "phone": pl.Series([f"+99871200{1001 + i:04d}" for i in who], dtype=pl.String),
            "hired_date": clock.dates(staff.hired_day[who]),
            "left_date": clock.dates(np.where(staff.left_day[who] <= until, staff.left_day[who], NEVER)),
            "updated_at": clock.instants(day, 9 * 3600),
        }
    )


def _departments() -> pl.DataFrame:
    rows = [("HQ", None, "Головной офис", "head_office", None)]
    for region in REGIONS:
        rows.append((f"R{region.code}", "HQ", f"Филиал: {region.name_ru}", "region", region.code))
        for unit in GROUPS:
            rows.append((f"U{region.code}-{unit}", f"R{region.code}", GROUP_NAMES[unit], "unit", region.code))
        for group in ("hunters", "farmers"):
            name = "Группа привлечения" if group == "hunters" else "Группа сопровождения"
            rows.append((f"G{region.code}-{group}", f"U{region.code}-sales", name, "group", region.code))
    columns = ["department_id", "parent_id", "name", "kind", "region_code"]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _places(departments: pl.DataFrame, per_region: int) -> list[tuple[str, str]]:
    places = []
    for region in REGIONS:
        places.append((f"R{region.code}", "head"))
        for unit in GROUPS:
            places += [(f"U{region.code}-{unit}", p) for p in _POSITIONS[unit] if not p.startswith("manager")]
        places += [(f"G{region.code}-hunters", "manager_hunter")] * max(1, per_region // 2)
        places += [(f"G{region.code}-farmers", "manager_farmer")] * per_region
    return places


def _region_number(department: str) -> int:
    codes = [region.code for region in REGIONS]
    return codes.index(department[1:5])
