"""The rights of a user now: the union of his roles, and the people and regions that each scope means for him."""

import datetime as dt
import threading
from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import Database
from crm.errors import CrmError
from crm.models import User, UserRole
from crm.services.matrix import matrix
from crm.services.organisation import departments, employees, linked_employees
from crm.services.rights_version import rights_version
from crm.services.role_file import Role
from crm.services.stand_ins import stand_ins
from crm.services.tree import children, subtree, unit_of
from vitrina.access.rights import COLUMN_CLASSES, Mask, Rights, Scope

# What is left of somebody's rights to who only looks through his eyes.
LOOKING = frozenset({"view", "query"})


def rights_of(session: Session, user_id: int, today: dt.date) -> Rights:
    """What a user may do and see on a day: the widest scope and the least mask of any of his roles.

    "own" is he himself and whom he stands in for; "group" the employees of their departments; "unit" those of the
    nearest unit upwards and all below it. A disabled user has no rights. Raises `CrmError` for an unknown user.
    """
    user = session.get(User, user_id)
    if user is None:
        raise CrmError("user_unknown", login=user_id)
    codes = frozenset(session.scalars(select(UserRole.role_code).where(UserRole.user_id == user_id)))
    known = matrix(session).roles
    roles = [known[code] for code in sorted(codes) if code in known] if user.is_active else []
    people, regions = _reach(session, user_id, today)
    return Rights(
        user_id=user_id, login=user.login, display_name=user.display_name,
        roles=frozenset(role.code for role in roles), grants=_widest(roles), masks=_least(roles),
        employees=people, regions=regions, version=rights_version(session),
    )  # fmt: skip


def seen_through(theirs: Rights, viewer: Rights) -> Rights:
    """Somebody's rights for an administrator who looks through his eyes: only looking, and no column shown plainer than
    the administrator's own rights show it, or the look would be a way around them."""
    masks = {name: max(theirs.mask(name), viewer.mask(name), key=lambda mask: mask.strength) for name in COLUMN_CLASSES}
    return Rights(
        user_id=theirs.user_id, login=theirs.login, display_name=theirs.display_name, roles=theirs.roles,
        grants={key: scope for key, scope in theirs.grants.items() if key[1] in LOOKING}, masks=masks,
        employees=theirs.employees, regions=theirs.regions, acting_for=viewer.user_id, version=theirs.version,
    )  # fmt: skip


class RightsCache:
    """Rights by user, made anew when anybody's rights changed or a day began; each use costs one look-up by key."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._mark: tuple[int, dt.date] | None = None
        self._known: dict[int, Rights] = {}

    def of(self, user_id: int, today: dt.date) -> Rights:
        """The rights of a user on a day, as they are in the database at this moment."""
        with self._database.read() as session:
            mark = (rights_version(session), today)
            with self._lock:
                if self._mark != mark:
                    self._mark, self._known = mark, {}
                known = self._known
            if user_id not in known:
                # A change that is committed meanwhile has another mark and another dictionary.
                known[user_id] = rights_of(session, user_id, today)
            return known[user_id]


def _widest(roles: Iterable[Role]) -> dict[tuple[str, str], Scope]:
    grants: dict[tuple[str, str], Scope] = {}
    for role in roles:
        for key, scope in role.grants.items():
            grants[key] = max(grants.get(key, scope), scope, key=lambda each: each.width)
    return grants


def _least(roles: Iterable[Role]) -> dict[str, Mask]:
    masks: dict[str, Mask] = {}
    for role in roles:
        for name, mask in role.masks.items():
            masks[name] = min(masks.get(name, mask), mask, key=lambda each: each.strength)
    return masks


def _reach(
    session: Session, user_id: int, today: dt.date
) -> tuple[Mapping[Scope, frozenset[str]], Mapping[Scope, frozenset[str]]]:
    own = linked_employees(session, user_id)
    if not own:
        return {}, {}
    own |= {each.absent_id for each in stand_ins(session, today) if each.substitute_id in own}
    tree, staff = departments(session), employees(session)
    homes = {each.department_id for each in staff if each.employee_id in own and each.department_id in tree}
    groups = frozenset(home for home in homes if home)
    below = children(tree.values())
    units = frozenset().union(*(subtree(unit_of(home, tree), below) for home in groups))

    def people(places: frozenset[str]) -> frozenset[str]:
        return own | {each.employee_id for each in staff if each.department_id in places}

    def codes(places: frozenset[str]) -> frozenset[str]:
        return frozenset(code for place in places if (code := tree[place].region_code))

    reached = {Scope.OWN: own, Scope.GROUP: people(groups), Scope.UNIT: people(units)}
    return reached, {Scope.OWN: frozenset(), Scope.GROUP: codes(groups), Scope.UNIT: codes(units)}
