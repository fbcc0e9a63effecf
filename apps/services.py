"""What one server process shares: the settings it runs with, the operational database, the clock.

Made once per settings and used by the HTTP routes and the workspace's pages alike.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from crm.database import Database, open_database
from crm.logs.setup import configure
from crm.start import prepare
from vitrina.settings import Settings, get_settings


@dataclass(frozen=True)
class Services:
    """Shared by all threads; `database` opens a connection only when it is used."""

    settings: Settings
    database: Database

    def now(self) -> dt.datetime:
        """The clock of the server, in UTC."""
        return dt.datetime.now(dt.UTC)


def services() -> Services:
    """Those of this process."""
    return _services(get_settings())


def start() -> Services:
    """At the start of the server: logs to their files, and the operational database to this release (processes that
    start at once wait for each other)."""
    shared = services()
    settings = shared.settings
    configure(settings.home / "logs", settings.log_level, settings.logs)
    prepare(shared.settings.crm_url, shared.now()).close()
    return shared


@lru_cache(maxsize=8)
def _services(settings: Settings) -> Services:
    return Services(settings, open_database(settings.crm_url))
