"""`vitrina contracts …`: are they valid, and does a new version break what rests on the old one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitrina.cli.console import console
from vitrina.errors import UserError
from vitrina.settings import get_settings

if TYPE_CHECKING:
    from data_contracts.model import Contract

contracts = typer.Typer(no_args_is_help=True, help="Data contracts: check them, compare two versions.")
ContractPath = Annotated[Path, typer.Argument(help="A <source>/<entity>.odcs.yaml, or a folder of a source.")]


@contracts.command("check")
def check_command(
    paths: Annotated[list[Path] | None, typer.Argument(help="Contracts or source folders; default all.")] = None,
    schema: Annotated[Path | None, typer.Option(help="JSON schema of the standard to hold them against.")] = None,
) -> None:
    """Read contracts as the pipeline does and say what is wrong with each."""
    from data_contracts.checks import compile_checks
    from data_contracts.model import ContractError

    settings = get_settings()
    if schema is None:
        standard = settings.shared_data / "odcs" / "schema" / "odcs-json-schema-v3.1.0.json"
        schema = standard if standard.exists() else None
    wrong = checked = 0
    for path in paths or _folders(settings.sources_dir):
        try:
            for contract in _read(path, schema):
                checked += 1
                figures = f"{len(contract.columns)} columns, {len(compile_checks(contract))} rules"
                console.print(f"{contract.raw_table} {contract.version}: {figures}", highlight=False)
        except ContractError as error:
            wrong += 1
            console.print(f"[red]{error}", highlight=False)
    against = f" (held against {schema.name})" if schema else ""
    console.print(f"{checked} contracts are in order, {wrong} are not{against}.", highlight=False)
    raise typer.Exit(1 if wrong else 0)


@contracts.command("diff")
def diff_command(old: ContractPath, new: ContractPath) -> None:
    """What changed between two versions; ends with 1 when the new version number does not admit it."""
    from data_contracts.diff import diff, version_errors

    before, after = ({contract.entity: contract for contract in _read(path, None)} for path in (old, new))
    faults: list[str] = []
    if old.is_file() and new.is_file():
        pairs = [(next(iter(before.values())), next(iter(after.values())))]
    else:
        pairs = [(before[name], after[name]) for name in before if name in after]
        faults = [f"{before[name].raw_table}: the contract was removed" for name in before if name not in after]
    for earlier, later in pairs:
        changes = diff(earlier, later)
        for change in changes:
            console.print(str(change), markup=False, highlight=False)
        if not changes:
            console.print(f"{later.raw_table}: no change of meaning", highlight=False)
        faults += version_errors(earlier, later)
    for fault in faults:
        console.print(f"[red]{fault}", highlight=False)
    raise typer.Exit(1 if faults else 0)


def _folders(sources_dir: Path) -> list[Path]:
    return sorted(path.parent for path in sources_dir.glob("*/connector.yaml"))


def _read(path: Path, schema: Path | None) -> "tuple[Contract, ...]":
    from data_contracts.loader import load_contract, load_source

    if not path.exists():
        raise UserError(f"{path} does not exist")
    return load_source(path, schema) if path.is_dir() else (load_contract(path, schema),)
