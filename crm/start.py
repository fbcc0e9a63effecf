"""Getting the operational database ready: tables of this release, delivered roles, the organisation of the mart."""

import datetime as dt

from crm.database import Database, open_database
from crm.services.actor import system
from crm.services.matrix import install


def prepare(url: str, now: dt.datetime) -> Database:
    """The database at `url`, brought to this release. Harmless when several processes start at once."""
    database = open_database(url)
    database.upgrade()
    with database.begin() as session:
        install(session, system("installation"), now)
    return database
