"""`vitrina segments …`: segments from the command line, and as files in Git."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from vitrina.cli import segment_files as files
from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for
from vitrina.cli.operational import actor, moment, opened
from vitrina.cli.segment_desk import content, desk, try_file
from vitrina.cli.segment_files import SegmentFile, State
from vitrina.cli.segment_push import owner_id, publish_open, push, tell_difference
from vitrina.errors import UserError

if TYPE_CHECKING:
    from crm.services.segments import SegmentInfo
    from segments.questions import Explained

segments = typer.Typer(no_args_is_help=True, help="Segments: list, ask, publish, and keep them in Git.")
ReasonOption = Annotated[str, typer.Option(help="Why; kept in the audit log.")]
DateOption = Annotated[str, typer.Option(help="An earlier day, YYYY-MM-DD, instead of the snapshot's.")]
VersionOption = Annotated[int | None, typer.Option(help="Of this version instead of the one that counts.")]
OwnerOption = Annotated[str, typer.Option(help="Login of the owner of what is new; else it is nobody's, for all.")]
JsonLogicOption = Annotated[bool, typer.Option("--jsonlogic", help="As a JsonLogic rule instead of our own format.")]


@segments.command("list")
def list_command(
    folder: Annotated[str | None, typer.Option(help="This folder and those below it.")] = None,
    tag: str = "",
    text: Annotated[str, typer.Option(help="Words of name, description or tags.")] = "",
    archived: Annotated[bool, typer.Option("--archived", help="Those put away.")] = False,
    home: HomeOption = None,
) -> None:
    """Every segment with its version, schedule and last run."""
    from crm.services import segments as kept

    table = Table("key", "name", "folder", "owner", "state", "version", "schedule", "last run", "members")
    with opened(settings_for(home)) as database, database.read() as session:
        for each in kept.segments(session, None, kept.Filter(folder, tag, text=text, archived=archived)):
            run, held = each.last_run, " (held back)" if each.held else ""
            table.add_row(
                each.key, escape(each.name), escape(each.folder), each.owner_login, f"{each.status}{held}",
                _versions(each), _schedule(each), f"{run.as_of} {run.state}" if run else "",
                f"{run.members:,}" if run and run.members is not None else "",
            )  # fmt: skip
    console.print(table)


@segments.command("show")
def show_command(key: str, home: HomeOption = None) -> None:
    """One segment: what it is, its versions and its tests, its newest definition."""
    from crm.services import segments as kept

    with opened(settings_for(home)) as database, database.read() as session:
        info, versions = kept.info(session, key), kept.versions(session, key)
        fixtures = kept.fixtures(session, key)
    held = f"; held back: {info.held.text.format(**info.held.values)}" if info.held else ""
    console.print(f"{info.name} ({key}), {info.status}{held}", highlight=False, markup=False)
    table = Table("version", "state", "by", "at (UTC)", "reason", "fingerprint")
    for each in versions:
        table.add_row(str(each.number), str(each.state), each.author_login, f"{each.at:%Y-%m-%d %H:%M}",
                      escape(each.reason), each.fingerprint[:12])  # fmt: skip
    console.print(table)
    for one in fixtures:
        console.print(
            f"customer {one.customer_id} has to be {'in' if one.expected_in else 'out'}  {one.note}", markup=False
        )
    _tell_json(dict(versions[0].document))


@segments.command("save")
def save_command(
    file: Path, reason: ReasonOption = "command line", owner: OwnerOption = "", home: HomeOption = None
) -> None:
    """Save one segment's file as its draft; its key is the file's name."""
    each = files.read(file)
    with desk(settings_for(home)) as found:
        push(found, {file: each}, reason, owner, publish=False, dry_run=False)


@segments.command("publish")
def publish_command(key: str, reason: ReasonOption, home: HomeOption = None) -> None:
    """Run the tests of the draft and make it the version that counts."""
    from crm.services import segments as kept

    with desk(settings_for(home)) as found:
        with found.database.read() as session:
            each = SegmentFile(key, content(session, kept.info(session, key)))
            others = kept.definitions(session)
        verdict = try_file(found, each, others)
        tell_difference(key, verdict)
        with found.database.begin() as session:
            published = publish_open(found, session, key, verdict, reason)
    console.print(f"{key}: version {published} counts from the next run on.", highlight=False)


@segments.command("count")
def count_command(key: str, date: DateOption = "", version: VersionOption = None, home: HomeOption = None) -> None:
    """How many customers are in a segment."""
    from segments import questions
    from segments.engine import compile_segment

    with desk(settings_for(home)) as found:
        definition, others = found.stored(key, version)
        compiled = compile_segment(definition, found.author.catalogue, found.at(date), others)
        members, base = questions.count(found.reader, compiled), questions.base_count(found.reader, compiled.at)
    share = f" ({100 * members / base:.1f} %)" if base else ""
    console.print(f"{members:,} of {base:,} customers{share} on {compiled.at.date}", highlight=False)
    for note in compiled.notes:
        console.print(str(note), highlight=False, markup=False)


@segments.command("why")
def why_command(
    key: str, customer_id: int, date: DateOption = "", version: VersionOption = None, home: HomeOption = None
) -> None:
    """Why a customer is in a segment or not, condition by condition."""
    from segments import questions

    with desk(settings_for(home)) as found:
        definition, others = found.stored(key, version)
        told = questions.why(
            found.reader, definition, found.author.catalogue, found.at(date), others, customer_id
        )  # fmt: skip
    if not told.known or told.root is None:
        raise UserError(f"there is no customer {customer_id} on {told.at.date}")
    console.print(f"Customer {customer_id} is {'in' if told.holds else 'not in'} {key} on {told.at.date}.")
    _tell_reasons(told.root, 0)


@segments.command("replay")
def replay_command(key: str, version: VersionOption = None, home: HomeOption = None) -> None:
    """How many would have been in it at every stored month end."""
    from segments import questions

    table = Table("month end", "members", "customers", "%")
    with desk(settings_for(home)) as found:
        definition, others = found.stored(key, version)
        stored = questions.stored_month_ends(found.reader)
        for point in questions.replayed(found.reader, definition, found.author.catalogue, stored, others):
            share = f"{100 * point.count / point.base:.1f}" if point.base else ""
            table.add_row(str(point.month_end), f"{point.count:,}", f"{point.base:,}", share)
    console.print(table)


@segments.command("archive")
def archive_command(key: str, reason: ReasonOption, home: HomeOption = None) -> None:
    """Put a segment away."""
    from crm.services import segments as kept

    with opened(settings_for(home)) as database, database.begin() as session:
        kept.archive(session, key, actor(), moment(), reason)
    console.print(f"{key} is in the archive.", highlight=False)


@segments.command("release")
def release_command(key: str, reason: ReasonOption, home: HomeOption = None) -> None:
    """Let a segment that is held back for its size be used again."""
    from crm.services import segments as kept

    with opened(settings_for(home)) as database, database.begin() as session:
        kept.release(session, key, actor(), moment(), reason)
    console.print(f"{key} is in use again.", highlight=False)


@segments.command("export-definition")
def export_command(
    key: str, version: VersionOption = None, jsonlogic: JsonLogicOption = False, home: HomeOption = None
) -> None:
    """Print a definition as JSON."""
    from segments.definition import dump
    from segments.jsonlogic import export_jsonlogic

    with desk(settings_for(home)) as found:
        definition, _others = found.stored(key, version)
        _tell_json(export_jsonlogic(definition, found.author.catalogue) if jsonlogic else dump(definition))


@segments.command("import")
def import_command(
    file: Path, name: Annotated[str, typer.Option(help="Name of the new segment.")], jsonlogic: JsonLogicOption = False,
    owner: OwnerOption = "", home: HomeOption = None,
) -> None:  # fmt: skip
    """Make a new segment of a file with a definition or a JsonLogic rule."""
    from crm.services import segments as kept
    from segments.definition import dump
    from segments.jsonlogic import import_jsonlogic

    try:
        plain = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{file}: {error}") from None
    with desk(settings_for(home)) as found:
        document = dump(import_jsonlogic(plain, found.author.catalogue)) if jsonlogic else plain
        with found.database.begin() as session:
            made = kept.create_draft(
                session, name, document, actor(), moment(), author=found.author, owner_id=owner_id(session, owner)
            )
    console.print(f"{made.key}: draft of version 1", highlight=False)


@segments.command("pull")
def pull_command(
    folder: Path,
    force: Annotated[bool, typer.Option("--force", help="Also over files that were changed here.")] = False,
    home: HomeOption = None,
) -> None:
    """Write every segment into a folder, a JSON file each; files that were changed there are left alone and told."""
    from crm.services import segments as kept

    known = {each.key: each for each in files.read_folder(folder)} if folder.is_dir() else {}
    with opened(settings_for(home)) as database, database.read() as session:
        stored = {info.key: content(session, info) for info in kept.segments(session, None)}
    left = []
    for key, now in stored.items():
        state = known[key].state(now) if key in known else State.BEHIND
        if state in (State.CHANGED, State.CONFLICT) and not force:
            left.append(key)
        elif state is not State.SAME or known[key].pulled != known[key].hash:
            files.write(files.place(folder, key), SegmentFile(key, now))
    console.print(f"{len(stored)} segments, {len(stored) - len(left)} as in the database.", highlight=False)
    for key in left:
        console.print(f"[yellow]{key}: changed here, left alone (push it, or pull with --force)")
    for key in sorted(known.keys() - stored.keys()):
        console.print(f"{key}: only here", highlight=False)


@segments.command("push")
def push_command(
    folder: Path,
    reason: ReasonOption = "pushed from files",
    owner: OwnerOption = "",
    publish: Annotated[bool, typer.Option("--publish", help="Make the pushed drafts count.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    home: HomeOption = None,
) -> None:
    """Save every file that was changed. Nothing is saved when one of them is in conflict, wrong, or fails its tests."""
    given = {files.place(folder, each.key): each for each in files.read_folder(folder)}
    with desk(settings_for(home)) as found:
        push(found, given, reason, owner, publish, dry_run)


def _tell_reasons(each: "Explained", depth: int) -> None:
    mark, value = ("yes" if each.holds else "no"), "" if each.of else f" = {each.value}"
    place = ".".join(str(step) for step in each.path)
    console.print(f"{'  ' * depth}{mark:3}  {each.kind} at {place}{value}", highlight=False, markup=False)
    for inner in each.of:
        _tell_reasons(inner, depth + 1)


def _tell_json(plain: Any) -> None:
    typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))


def _versions(info: "SegmentInfo") -> str:
    published = "" if info.published is None else str(info.published)
    return f"{published} + {info.open_state} {info.open_version}" if info.open_version else published


def _schedule(info: "SegmentInfo") -> str:
    plan = info.schedule
    days = ", ".join(str(day) for day in plan.days)
    return f"{plan.mode} {plan.cron}{days}".strip()
