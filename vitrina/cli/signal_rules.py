"""Writing rules from the command line: its author, and the delivered templates."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vitrina.cli.operational import actor, moment, opened

if TYPE_CHECKING:
    from crm.database import Database
    from crm.services.signals import RuleAuthor
    from vitrina.settings import Settings


@contextmanager
def author(settings: "Settings") -> "Iterator[tuple[Database, RuleAuthor]]":
    """The database and the machine's administrator as an author of rules on the published snapshot."""
    from crm.services.segments import Author
    from crm.services.signals import RuleAuthor
    from segments.engine import At
    from segments.questions import read_catalogue
    from vitrina.signal_runs.authors import tables_of
    from vitrina.warehouse.reader import SnapshotReader

    with opened(settings) as database, SnapshotReader.open(settings.published_dir) as reader:
        tables = reader.manifest.tables
        catalogue = read_catalogue(reader, tables)
        # Every column is open here; what is asked all the same is that SQL reads these tables and nothing else.
        columns = {name: frozenset(each.name for each in table.columns) for name, table in tables.items()}
        who = Author(catalogue, At.current(reader.manifest.as_of), None, columns)
        yield database, RuleAuthor(who, tables_of(catalogue, reader, tables))


def has_rules(settings: "Settings") -> bool:
    """Whether anybody wrote or installed a signal rule yet."""
    from crm.services import signals

    with opened(settings) as database, database.read() as session:
        return bool(signals.rules(session, None) or signals.rules(session, None, archived=True))


def install_templates(settings: "Settings", *, live: bool) -> tuple[int, int]:
    """Add the delivered templates whose key is not there yet; with `live` they are in use, for organisations (persons
    have no account managers). How many were added and put in use. Those that the snapshot has no data for stay out."""
    from crm.services import signals
    from segments.errors import DefinitionError
    from signals.templates import templates
    from vitrina.i18n import DEFAULT_LANGUAGE, translator

    say, made, put = translator(DEFAULT_LANGUAGE).text, 0, 0
    with author(settings) as (database, who), database.begin() as session:
        known = {each.key for is_old in (False, True) for each in signals.rules(session, None, archived=is_old)}
        for each in templates():
            if each.key in known:
                continue
            document = each.document(say)
            if live:
                document["audience"].setdefault("customer_type", "organisation")
            try:
                signals.create_rule(
                    session, say(each.name), document, actor(), moment(), author=who,
                    description=say(each.description), key=each.key, template=each.key,
                )  # fmt: skip
            except DefinitionError:
                continue
            made += 1
            if live:
                signals.put_live(session, each.key, actor(), moment(), "delivered template")
                put += 1
    return made, put
