"""Who looked at whose personal data: what the audit log is told, and how much one person may look at in a while.

Not here: where it is written. The gate is given a function that takes each `Access`; what that cannot
write is not shown.
"""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Final, TypeVar

from vitrina.access.errors import Refused
from vitrina.access.rights import Rights

_Key = TypeVar("_Key")
REPEATED_WITHIN: Final = dt.timedelta(minutes=10)


class Purpose(StrEnum):
    """Which door a person uses."""

    PAGE = "page"
    API = "api"
    EXPORT = "export"
    REPORT = "report"
    SQL = "sql"


class AccessKind(StrEnum):
    """What happened at the gate."""

    LOOK = "personal_data_viewed"
    QUERY = "query"
    EXPORT = "export"
    REFUSED = "refused"


@dataclass(frozen=True)
class Access:
    """One event: who, whose, which class, why, from where. Holds customer ids and classes, and no personal data.

    `why` is a word of the caller's (a page, an endpoint); `statement` a query without its literals; `refusal` the code
    of the reason with the table or function it names. `rows` is None where they are not counted (streams).
    """

    at: dt.datetime
    kind: AccessKind
    user_id: int
    login: str
    acting_for: int | None
    purpose: Purpose
    why: str
    address: str
    tables: tuple[str, ...] = ()
    classes: frozenset[str] = frozenset()
    customer_ids: tuple[int, ...] = ()
    rows: int | None = None
    statement: str = ""
    refusal: str = ""


class Looks:
    """How many customers each person has looked at lately, and which looks are only a page drawn again."""

    def __init__(self, limit: int, window: dt.timedelta, finds: int = 200) -> None:
        """At most `limit` different customers, and `finds` different numbers that are looked for, in `window`."""
        self._limit, self._finds, self._window = limit, finds, window
        self._lock = threading.Lock()
        self._customers: dict[int, OrderedDict[int, dt.datetime]] = {}
        self._sought: dict[int, OrderedDict[str, dt.datetime]] = {}
        self._told: OrderedDict[tuple[int, int | None, str, frozenset[str], int], dt.datetime] = OrderedDict()

    def spend(self, user_id: int, customers: Iterable[int], now: dt.datetime) -> None:
        """Count these customers as seen. Raises `Refused` when they go beyond the limit, and then counts none."""
        with self._lock:
            seen = self._customers.setdefault(user_id, OrderedDict())
            self._count(seen, customers, now, "too_many_looks", self._limit)

    def seek(self, user_id: int, what: str, now: dt.datetime) -> None:
        """Count one more number that is looked for, found or not: nobody shall try them all. Raises `Refused`."""
        with self._lock:
            sought = self._sought.setdefault(user_id, OrderedDict())
            self._count(sought, [sha256(what.encode()).hexdigest()], now, "too_many_finds", self._finds)

    def _count(
        self, known: OrderedDict[_Key, dt.datetime], more: Iterable[_Key], now: dt.datetime, code: str, limit: int
    ) -> None:
        _forget(known, now - self._window)
        fresh = [each for each in dict.fromkeys(more) if each not in known]
        if len(known) + len(fresh) > limit:
            raise Refused(code, count=limit, minutes=round(self._window.total_seconds() / 60))
        known.update(dict.fromkeys(fresh, now))

    def untold(self, access: Access) -> tuple[int, ...]:
        """Customers of a look whom the log has not been told of within the last minutes, for the same reason."""
        with self._lock:
            _forget(self._told, access.at - REPEATED_WITHIN)
            reason = (access.user_id, access.acting_for, f"{access.why} {access.address}", access.classes)
            return tuple(each for each in dict.fromkeys(access.customer_ids) if (*reason, each) not in self._told)

    def told(self, access: Access) -> None:
        """The log has it."""
        with self._lock:
            reason = (access.user_id, access.acting_for, f"{access.why} {access.address}", access.classes)
            self._told.update({(*reason, each): access.at for each in access.customer_ids})


def _forget(known: OrderedDict[_Key, dt.datetime], before: dt.datetime) -> None:
    while known and next(iter(known.values())) < before:
        known.popitem(last=False)


class Recorder:
    """Tells the audit log of one person at one door. What cannot be written raises, and is then not shown."""

    def __init__(
        self,
        audit: Callable[[Access], None],
        looks: Looks,
        now: Callable[[], dt.datetime],
        rights: Rights,
        door: tuple[Purpose, str, str],
    ) -> None:
        """`door` is the purpose, the reason in a word, and the address."""
        self._audit, self._looks, self._now, self._rights = audit, looks, now, rights
        self._purpose, self._why, self._address = door

    def event(self, kind: AccessKind) -> Access:
        """An event of this person, here and now."""
        rights = self._rights
        return Access(
            self._now(), kind, rights.user_id, rights.login, rights.acting_for, self._purpose, self._why, self._address
        )

    def tell(self, access: Access) -> None:
        """Write it down, but for looks that the log knows already. Raises `Refused` when the looks are used up."""
        if access.kind is not AccessKind.LOOK:
            self._audit(access)
            return
        fresh = self._looks.untold(access)
        if access.customer_ids and not fresh:
            return
        access = replace(access, customer_ids=fresh)
        try:
            # Whoever looks through another's eyes spends his own looks.
            self._looks.spend(access.acting_for or access.user_id, fresh, access.at)
        except Refused as error:
            raise self.refused(error) from None
        self._audit(access)
        self._looks.told(access)

    def sought(self, what: str, column_class: str, found: tuple[int, ...]) -> None:
        """Write down that a number of a class was looked for, and whose it was. The number itself is not written."""
        event = replace(self.event(AccessKind.QUERY), customer_ids=found, rows=len(found), statement=f"find {what}")
        self._audit(replace(event, classes=frozenset({column_class})))

    def may_seek(self, what: str) -> None:
        """Raises `Refused` when he has looked for too many numbers."""
        try:
            self._looks.seek(self._rights.acting_for or self._rights.user_id, what, self._now())
        except Refused as error:
            raise self.refused(error) from None

    def refused(self, error: Refused, statement: str = "") -> Refused:
        """The same error, written down with the table or function that it names."""
        named = next(
            (str(error.values[key]) for key in ("table", "function", "what", "name") if key in error.values), ""
        )
        refusal = f"{error.code}: {named[:100]}" if named else error.code
        self._audit(replace(self.event(AccessKind.REFUSED), refusal=refusal, statement=statement))
        return error
