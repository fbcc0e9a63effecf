"""Files of scheduled exports, and who may take them: they were made of everything, with nothing masked."""

from dataclasses import dataclass
from pathlib import Path

from vitrina.access.gate import GatedReader
from vitrina.access.rights import Mask, Scope
from vitrina.exports.config import ExportSpec, load_exports
from vitrina.exports.journal import ExportManifest, PayloadFolder, UnknownExport
from vitrina.settings import Settings


@dataclass(frozen=True)
class ExportFile:
    """The newest completed file of a payload; None where there was none."""

    spec: ExportSpec
    manifest: ExportManifest | None
    path: Path | None


def export_files(settings: Settings) -> list[ExportFile]:
    """Every configured export with its newest file."""
    return [_file(settings, spec) for spec in load_exports().values()]


def export_file(settings: Settings, name: str) -> ExportFile:
    """The export of that name. Raises `UnknownExport`."""
    specs = load_exports()
    if name not in specs:
        raise UnknownExport("there is no such export")
    return _file(settings, specs[name])


def shows_no_more(spec: ExportSpec, reader: GatedReader) -> bool:
    """Whether a file of this export holds nothing that the reader (made for exports) would not show: all its columns
    uncovered, the rows of all customers."""
    table = next((each for each in reader.tables() if each.name == spec.source), None)
    if table is None or table.scope is not Scope.ALL:
        return False
    bare = {column.name for column in table.columns if column.mask is Mask.OPEN}
    wanted = spec.columns or [column.name for column in reader.manifest.tables[spec.source].columns]
    return set(wanted) <= bare


def _file(settings: Settings, spec: ExportSpec) -> ExportFile:
    folder = PayloadFolder(settings.exports_dir, spec)
    manifest = folder.last()
    path = folder.path / manifest.file if manifest else None
    return ExportFile(spec, manifest, path if path is not None and path.is_file() else None)
