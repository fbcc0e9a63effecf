"""Saving segment files: all of them or none, shown with what would change and held to their tests."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitrina.cli import segment_files as files
from vitrina.cli.console import console
from vitrina.cli.operational import actor, moment
from vitrina.cli.segment_desk import Desk, content, fixtures_of, save_file, try_file
from vitrina.cli.segment_files import SegmentFile, State
from vitrina.errors import UserError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.services.segments import Verdict
    from segments.definition import Definition


def push(found: Desk, given: dict[Path, SegmentFile], reason: str, owner: str, publish: bool, dry_run: bool) -> None:
    """Save the files that were changed since they were pulled, and write them anew as the database then has them.

    Raises `UserError` with everything that stands in the way, and then saves nothing.
    """
    from crm.services import segments as kept

    with found.database.read() as session:
        stored = {info.key: content(session, info) for info in kept.segments(session, None)}
        others = dict(kept.definitions(session))
    states = {each.key: each.state(stored.get(each.key)) for each in given.values()}
    chosen = [each for each in given.values() if states[each.key] in (State.NEW, State.CHANGED)]
    wrong = [f"{key}: changed since it was pulled" for key, state in states.items() if state is State.CONFLICT]
    changed = files.in_order(chosen)
    verdicts = _tried(found, changed, others, wrong)
    for each in changed:
        console.print(f"{each.key}: {states[each.key].value}{_fields(each, stored.get(each.key))}", highlight=False)
        if each.key in verdicts:
            tell_difference(each.key, verdicts[each.key])
    if wrong:
        raise UserError("nothing was saved:\n" + "\n".join(wrong))
    if not dry_run:
        now = _save(found, changed, verdicts, reason, owner, publish)
        for path, each in given.items():
            if each.key in now:
                files.write(path, SegmentFile(each.key, now[each.key]))
    said = "would be saved" if dry_run else "published" if publish else "saved as drafts"
    console.print(f"{len(changed)} of {len(given)} segments {said}.", highlight=False)


def _tried(
    found: Desk, changed: list[SegmentFile], others: "dict[str, Definition]", wrong: list[str]
) -> "dict[str, Verdict]":
    """Verdicts by key; what is wrong with a file, or which of its tests fail, is added to `wrong`."""
    from segments.definition import parse
    from segments.errors import DefinitionError

    known = {**others, **{each.key: parse(each.content["definition"]) for each in changed}}
    verdicts: dict[str, Verdict] = {}
    for each in changed:
        try:
            verdicts[each.key] = try_file(found, each, known)
        except DefinitionError as error:
            wrong.append(f"{each.key}: {error}")
        else:
            wrong += _failed(each, verdicts[each.key])
    return verdicts


def _save(
    found: Desk, changed: list[SegmentFile], verdicts: "dict[str, Verdict]", reason: str, owner: str, publish: bool
) -> dict[str, dict[str, Any]]:
    """Save all or none; what the database then holds, by key."""
    from crm.services import segments as kept

    with found.database.begin() as session:
        for each in changed:
            save_file(session, found, each, reason, owner_id(session, owner))
            if publish:
                publish_open(found, session, each.key, verdicts[each.key], reason)
        return {each.key: content(session, kept.info(session, each.key)) for each in changed}


def owner_id(session: "Session", login: str) -> int | None:
    """Whose new segments are to be; nobody's without a login. Raises `UserError`."""
    from crm.services.accounts import user_by_login

    return user_by_login(session, login).user_id if login else None


def publish_open(found: Desk, session: "Session", key: str, verdict: "Verdict", reason: str) -> int | None:
    """Publish the open version, if there is one; the number of the version that counts."""
    from crm.services import segments as kept

    if kept.info(session, key).open_version is None:
        return kept.info(session, key).published
    return kept.publish_version(
        session, key, actor(), moment(), reason, author=found.author, verdict=verdict, options=found.settings.segments
    ).published


def _failed(each: SegmentFile, verdict: "Verdict") -> list[str]:
    return [
        f"{each.key}: customer {one.customer_id} has to be {'in' if one.expected_in else 'out'} and is not. {one.note}"
        for one in fixtures_of(each)
        if one.expected_in != (one.customer_id in verdict.inside)
    ]


def _fields(each: SegmentFile, stored: dict[str, Any] | None) -> str:
    changed = [name for name, value in each.content.items() if stored is not None and stored[name] != value]
    return f" ({', '.join(changed)})" if changed else ""


def tell_difference(key: str, verdict: "Verdict") -> None:
    """How many enter and leave."""
    told = verdict.difference
    figures = f"{told['before']:,} → {told['after']:,} customers, {told['entered']:,} enter, {told['left']:,} leave"
    console.print(f"  {key}: {figures}", highlight=False)
