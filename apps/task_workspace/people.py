"""To whom a person may give work: employees whom his right reaches."""

from apps.identity import person
from apps.services import services
from crm.services.organisation import employees
from crm.services.signals.access import reach
from vitrina.access.rights import Scope


def colleagues(subject: str) -> dict[str, str]:
    """Names by employee id, of those who work here and whom the right `edit` on tasks or signals reaches."""
    with services().database.read() as session:
        found = employees(session)
    span = reach(person().own_rights, subject).edited
    known = {each.employee_id: each.full_name for each in found if each.is_employed and span.reaches(each.employee_id)}
    return dict(sorted(known.items(), key=lambda item: item[1]))


def own_ids() -> frozenset[str]:
    """The employees that the person is, or stands in for."""
    return person().own_rights.employees_in(Scope.OWN)
