"""Segments as a person may see them: lists by folder, tag, owner and words; versions."""

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Segment, SegmentVersion
from crm.services.segments.access import reach, require_view
from crm.services.segments.stored import info, infos, version_info
from crm.services.segments.values import Filter, SegmentInfo, Status, VersionInfo
from vitrina.access.rights import Rights


def segments(session: Session, rights: Rights | None, wanted: Filter | None = None) -> list[SegmentInfo]:
    """Segments that a person sees, by name; those put away only when they are asked for."""
    chosen, reached = wanted or Filter(), reach(session, rights)
    rows = session.scalars(select(Segment).order_by(Segment.name, Segment.key))
    return infos(session, [row for row in rows if reached.sees(row) and _matches(row, chosen)])


def segment(session: Session, rights: Rights | None, key: str) -> SegmentInfo:
    """One segment. Raises `CrmError` when it is not there or not shown to him."""
    require_view(session, rights, key)
    return info(session, key)


def folders(session: Session, rights: Rights | None) -> dict[str, int]:
    """Folders in use with the number of segments that one sees in each; those above are counted with theirs."""
    counts: Counter[str] = Counter()
    for each in segments(session, rights):
        parts = each.folder.split("/") if each.folder else []
        counts.update("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    return dict(sorted(counts.items()))


def tags(session: Session, rights: Rights | None) -> dict[str, int]:
    """Tags in use with the number of segments that one sees with each."""
    return dict(sorted(Counter(tag for each in segments(session, rights) for tag in each.tags).items()))


def versions(session: Session, key: str) -> list[VersionInfo]:
    """Every version of a segment, newest first."""
    query = select(SegmentVersion).where(SegmentVersion.segment_key == key).order_by(SegmentVersion.number.desc())
    return [version_info(row) for row in session.scalars(query)]


def version(session: Session, key: str, number: int | None = None) -> VersionInfo:
    """One version; without a number the newest. Raises `CrmError`."""
    query = select(SegmentVersion).where(SegmentVersion.segment_key == key).order_by(SegmentVersion.number.desc())
    if number is not None:
        query = query.where(SegmentVersion.number == number)
    row = session.scalars(query.limit(1)).first()
    if row is None:
        raise CrmError("segment_version_unknown", version=number or 0)
    return version_info(row)


def published_version(session: Session, key: str) -> VersionInfo | None:
    """The version that counts, if any was ever published."""
    row = session.get(Segment, key)
    return version(session, key, row.published) if row is not None and row.published is not None else None


def _matches(row: Segment, wanted: Filter) -> bool:
    if wanted.status is None and (row.status == Status.ARCHIVED) != wanted.archived:
        return False
    # Here and not in SQL: SQLite knows large and small letters of English alone.
    words = f"{row.key} {row.name} {row.description} {' '.join(row.tags)}".casefold()
    return (
        (wanted.status is None or row.status == wanted.status)
        and (wanted.folder is None or row.folder == wanted.folder or row.folder.startswith(f"{wanted.folder}/"))
        and (not wanted.tag or wanted.tag in row.tags)
        and (wanted.owner_id is None or row.owner_id == wanted.owner_id)
        and all(word in words for word in wanted.text.casefold().split())
    )
