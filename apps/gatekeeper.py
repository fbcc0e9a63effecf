"""The gates of this process: one per published version, all telling the same audit log and counting the same looks."""

import datetime as dt
import os
import secrets
import threading
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path

from apps.services import Services, services
from crm.services.accounts import user_by_id
from crm.services.actor import Actor
from crm.services.audit import AuditKind, Entry, record
from vitrina.access.gate import Gate
from vitrina.access.looks import Access, AccessKind, Looks
from vitrina.settings import Settings
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.store import Store

_KEPT = 3
_LOOKS, _LOOKS_WINDOW = 1000, dt.timedelta(hours=1)
_ABOUT_DATA = {
    AccessKind.LOOK: AuditKind.PERSONAL_DATA_VIEWED,
    AccessKind.QUERY: AuditKind.QUERY,
    AccessKind.EXPORT: AuditKind.EXPORT,
    AccessKind.REFUSED: AuditKind.REFUSED,
}


class Gatekeeper:
    """Opens the gate of a version when it is first asked for, and closes those that were longest unused."""

    def __init__(self, shared: Services) -> None:
        self._shared, self._lock = shared, threading.Lock()
        self._gates: OrderedDict[int, Gate] = OrderedDict()
        self._looks = Looks(_LOOKS, _LOOKS_WINDOW)

    def current_version(self) -> int:
        """The version that the pointer names. Raises `NothingPublished`."""
        return Store(self._shared.settings.published_dir).pointer().version

    def gate(self, version: int) -> Gate:
        """The gate of a version. Raises `NothingPublished` when it is not on disk."""
        with self._lock:
            if version not in self._gates:
                self._gates[version] = self._open(version)
            self._gates.move_to_end(version)
            while len(self._gates) > _KEPT:
                self._gates.popitem(last=False)[1].close()
            return self._gates[version]

    def _open(self, version: int) -> Gate:
        settings = self._shared.settings
        resources = Resources(settings.memory_limit, settings.threads)
        return Gate.open(
            settings.published_dir, self._audit, mask_key(settings), self._shared.now,
            version=version, resources=resources, looks=self._looks,
        )  # fmt: skip

    def _audit(self, access: Access) -> None:
        """Write down an access; what cannot be written down is not shown, since this raises then."""
        # The log names who really sat there; whose eyes he looked through stands beside it.
        with self._shared.database.begin() as session:
            if access.acting_for is None:
                actor = Actor(access.user_id, access.login, access.address)
            else:
                viewer = user_by_id(session, access.acting_for)
                actor = Actor(viewer.user_id, viewer.login, access.address, access.user_id)
            record(session, actor, _entry(access), access.at)


def gatekeeper() -> Gatekeeper:
    """That of this process."""
    return _gatekeeper(services())


@lru_cache(maxsize=8)
def _gatekeeper(shared: Services) -> Gatekeeper:
    return Gatekeeper(shared)


def _entry(access: Access) -> Entry:
    details = {
        "purpose": str(access.purpose), "tables": list(access.tables), "customers": list(access.customer_ids),
        "rows": access.rows, "statement": access.statement, "code": access.refusal,
    }  # fmt: skip
    single = str(access.customer_ids[0]) if len(access.customer_ids) == 1 else ""
    known = {name: value for name, value in details.items() if value not in (None, "", [])}
    return Entry(_ABOUT_DATA[access.kind], "data", single, sorted(access.classes), access.why, known)


def mask_key(settings: Settings) -> bytes:
    """The secret that hashed masks are keyed with: the setting's, or one made once and kept beside the database."""
    if given := settings.mask_key.get_secret_value():
        return given.encode()
    path: Path = settings.state_dir / "mask.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as made:
        made.write(secrets.token_bytes(32))
    return path.read_bytes()
