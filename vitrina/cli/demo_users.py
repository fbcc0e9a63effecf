"""People of the demo: one account per role, each the employee of the synthetic operator whose work that is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from vitrina.cli.console import console
from vitrina.cli.demo_plans import make_plans
from vitrina.cli.operational import ORGANISATION, actor, moment, opened, take_over_organisation
from vitrina.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.database import Database

# Where in the simulated company each role works: the end of the department's id, and the position there.
PLACES: Mapping[str, tuple[str, str]] = {
    "commercial_director": ("HQ", "director"),
    "farmer": ("-farmers", "manager_farmer"),
    "hunter": ("-hunters", "manager_hunter"),
    "head_of_b2b": ("-sales", "head"),
    "head_of_marketing": ("-marketing", "head"),
    "marketing_specialist": ("-marketing", "marketer"),
    "b2c_specialist": ("-marketing", "marketer"),
    "product_analyst": ("-marketing", "marketer"),
    "head_of_contact_center": ("-care", "head"),
    "telemarketing_operator": ("-care", "operator"),
    "first_line_operator": ("-care", "operator"),
    "second_line_operator": ("-care", "operator"),
    "supervisor": ("-care", "head"),
    "quality_manager": ("-care", "operator"),
    "contact_center_administrator": ("-care", "operator"),
    "collections": ("-care", "operator"),
    "technical_staff": ("-network", "engineer"),
}
Person = Mapping[str, Any]


@dataclass(frozen=True)
class DemoUser:
    """A login with its generated password, told once."""

    login: str
    role: str
    display_name: str
    password: str


def welcome(settings: Settings) -> None:
    """Make the demo's accounts at the first start and print their passwords; later, say how to get new ones."""
    with opened(settings) as database:
        take_over_organisation(settings, database)
        made = make_users(settings, database)
        make_plans(settings, database)
    if not made:
        console.print("The passwords were printed at the first start. A new one: ", end="")
        console.print(
            f"vitrina users reset-password LOGIN --home {settings.home}", highlight=False, soft_wrap=True, markup=False
        )
        return
    table = Table(title="Passwords are shown once and kept nowhere")
    for heading in ("login", "password"):
        # Narrow terminals wrap the other columns: a password in two lines would be copied wrongly.
        table.add_column(heading, no_wrap=True)
    table.add_column("role")
    table.add_column("person")
    for user in made:
        table.add_row(user.login, escape(user.password), user.role, escape(user.display_name))
    console.print(table)


def make_users(settings: Settings, database: "Database") -> list[DemoUser]:
    """One account per delivered role, all in one transaction; none when there are accounts already."""
    from crm.services import accounts, matrix

    with database.begin() as session:
        if accounts.users(session):
            return []
        roles = {code: role.name("ru") for code, role in matrix.matrix(session).roles.items()}
        chosen = choose_people(roles, _employees(settings))
        return [_add(session, settings, role, name, chosen.get(role)) for role, name in roles.items()]


def choose_people(roles: Iterable[str], employees: Iterable[Person]) -> dict[str, Person]:
    """An employee for each role that has a place in the company, none twice: the farmer with most customers, and around
    him people of his region where there are any, so that what one sees can be compared with what another does.

    `employees` have `employee_id`, `department_id`, `region_code`, `position`, `full_name`, `customers`.
    """
    wanted, free = set(roles), list(employees)
    chosen: dict[str, Person] = {}
    for role, (ending, position) in PLACES.items():
        fitting = [each for each in free if each["department_id"].endswith(ending) and each["position"] == position]
        if role not in wanted or not fitting:
            continue
        home = chosen["farmer"]["region_code"] if "farmer" in chosen else None
        chosen[role] = min(
            fitting, key=lambda each: (each["region_code"] != home, -each["customers"], each["employee_id"])
        )
        free.remove(chosen[role])
    return chosen


def _employees(settings: Settings) -> list[Person]:
    from vitrina.warehouse.reader import SnapshotReader

    with SnapshotReader.open(settings.published_dir) as reader:
        if not {*ORGANISATION, "dim_customers"} <= set(reader.manifest.tables):
            return []
        return reader.query(
            "select e.employee_id, e.department_id, d.region_code, e.position, e.full_name, "
            "count(c.customer_id) as customers from dim_employees as e join dim_departments as d using (department_id) "
            "left join dim_customers as c on c.manager_id = e.employee_id where e.is_employed group by all"
        ).to_pylist()


def _add(session: "Session", settings: Settings, role: str, role_name: str, person: Person | None) -> DemoUser:
    from crm.services import accounts, organisation, passwords, user_roles

    name, password = person["full_name"] if person else role_name, passwords.generated()
    # Nobody but the reader of the terminal was told the password, so it need not be changed first.
    new = accounts.NewUser(role, name, temporary=False)
    made = accounts.create_user(session, new, password, actor(), moment(), settings.accounts)
    user_roles.set_roles(session, made.user_id, [role], actor(), moment(), "demo")
    if person:
        organisation.link_employees(session, made.user_id, {person["employee_id"]}, actor(), moment(), "demo")
    return DemoUser(role, role_name, name, password)
