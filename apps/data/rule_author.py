"""A person as one who writes signal rules: what compiles on his snapshot, and which of its columns he sees."""

from apps.data.segment_catalogue import author, catalogue
from crm.services.signals import RuleAuthor
from vitrina.access.gate import GatedReader
from vitrina.signal_runs.authors import tables_of


def rule_author(reader: GatedReader) -> RuleAuthor:
    """The reader as an author of rules."""
    tables = frozenset(reader.manifest.tables)
    return RuleAuthor(author(reader), tables_of(catalogue(reader), reader, tables))
