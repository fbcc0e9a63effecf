"""Files that a system drops into a folder. The folder is only looked at: nothing is moved or removed."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ingest.config import FileLocation
from ingest.landing import Landed, Origin, date_in_name, land_files
from ingest.workspace import Workspace
from vitrina.errors import UserError

_TOGETHER = 64


def extract(workspace: Workspace, entity: FileLocation) -> Iterator[Landed]:
    """Land each file that is new or changed since it was last seen, in the order of names."""
    newest = _newest_date(workspace, entity)
    offers = _offers(workspace, entity)
    while group := list(islice(offers, _TOGETHER)):
        for landed, (_, origin) in zip(land_files(workspace, entity, group), group, strict=True):
            day = origin.delivery_date
            if day and newest and day < newest and landed.state == "landed":
                workspace.ledger.warn(
                    entity.source, entity.entity, "late_delivery", {"date": day}, workspace.now(), landed.delivery_id
                )
            yield landed


def _offers(workspace: Workspace, entity: FileLocation) -> Iterator[tuple[Path, Origin]]:
    base, pattern = _base(workspace, entity)
    seen = _seen(workspace, entity)
    for path in sorted(base.glob(pattern)):
        stat = path.stat()
        uri, stamp = path.relative_to(base).as_posix(), f"{stat.st_size}:{stat.st_mtime_ns}"
        if path.is_file() and (uri, stamp) not in seen:
            day = date_in_name(entity.date_in_name, entity.date_in_name_format, path.name)
            yield path, Origin(uri, path.name, stamp, day)


def waiting(workspace: Workspace, entity: FileLocation) -> int:
    """How many files lie in the folder that were not taken yet."""
    return sum(1 for _ in _offers(workspace, entity))


def waiting_dates(workspace: Workspace, entity: FileLocation) -> list[str]:
    """ISO dates in the names of those files."""
    return sorted(origin.delivery_date for _, origin in _offers(workspace, entity) if origin.delivery_date)


def _base(workspace: Workspace, entity: FileLocation) -> tuple[Path, str]:
    roots = {"inbox": workspace.settings.inbox, "shared_data": workspace.settings.shared_data}
    text = entity.path
    for name, root in roots.items():
        if text.startswith(f"{{{name}}}/"):
            return Path(str(root)), text.split("/", 1)[1]
    if text.startswith("{"):
        raise UserError(f"{entity.table}: path: unknown place {text.split('/')[0]}; known: {', '.join(roots)}")
    if text.startswith("/"):
        return Path("/"), text.lstrip("/")
    return Path(str(roots["inbox"])), text


def _seen(workspace: Workspace, entity: FileLocation) -> set[tuple[str, str]]:
    rows = workspace.ledger.rows(
        "select uri, source_stamp from deliveries where source = ? and entity = ?", entity.source, entity.entity
    )
    return {(row["uri"], row["source_stamp"]) for row in rows}


def _newest_date(workspace: Workspace, entity: FileLocation) -> str | None:
    """Newest date that an earlier extraction brought; files of the same extraction are never late to each other."""
    found = workspace.ledger.row(
        "select max(delivery_date) as day from deliveries where source = ? and entity = ?",
        entity.source, entity.entity,
    )  # fmt: skip
    return found["day"] if found else None
