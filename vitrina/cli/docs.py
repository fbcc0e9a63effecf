"""`vitrina docs`: everything that documents the data, as pages in one folder."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for
from vitrina.days import yesterday
from vitrina.errors import UserError
from vitrina.settings import REPOSITORY, Settings


def docs(
    home: HomeOption = None,
    rows: Annotated[int, typer.Option(help="Rows per table that Great Expectations looks at.")] = 2_000,
    skip_quality: Annotated[bool, typer.Option("--skip-quality", help="Leave out Great Expectations.")] = False,
) -> None:
    """Write the data dictionary, dbt's documentation and Great Expectations' Data Docs to <home>/docs."""
    from vitrina.runlock import run_lock

    settings = settings_for(home)
    if not settings.build_path.exists():
        raise UserError(f"{settings.home} holds no build yet: vitrina run --home {settings.home}")
    folder = settings.home / "docs"
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"Data dictionary": _dictionary(folder)}
    # dbt reads the private build file, which only one process may open.
    with run_lock(settings.state_dir / "run.lock"):
        pages["Models (dbt)"] = _models(settings, folder)
    if not skip_quality:
        pages["Quality (Great Expectations)"] = _quality(settings, folder / "quality", rows)
    _index(folder, pages)
    for title, page in pages.items():
        console.print(f"{title}: {page}", highlight=False, soft_wrap=True)


def _index(folder: Path, pages: dict[str, Path]) -> None:
    """The page that the workspace links to."""
    items = "".join(f'<li><a href="{page.relative_to(folder)}">{title}</a></li>' for title, page in pages.items())
    head = '<!doctype html><meta charset="utf-8"><title>Vitrina: data documentation</title>'
    style = "<style>body{font:16px/1.6 sans-serif;margin:3rem auto;max-width:40rem}</style>"
    (folder / "index.html").write_text(f"{head}{style}<h1>Data documentation</h1><ul>{items}</ul>", encoding="utf-8")


def _dictionary(folder: Path) -> Path:
    from vitrina.dictionary import read_models, render

    page = folder / "data_dictionary.md"
    page.write_text(render(read_models(REPOSITORY / "dbt_project")), encoding="utf-8")
    return page


def _models(settings: Settings, folder: Path) -> Path:
    from vitrina.warehouse.build import BuildFailed, generate_docs

    try:
        made = generate_docs(settings, _as_of(settings))
    except BuildFailed as error:
        raise UserError(f"dbt could not write its documentation: {error}") from error
    page = folder / "models.html"
    page.write_bytes(made.read_bytes())
    return page


def _as_of(settings: Settings) -> date:
    from vitrina.warehouse.store import NothingPublished, Store

    store = Store(settings.published_dir)
    try:
        return store.manifest(store.pointer().version).as_of
    except NothingPublished:
        return yesterday(settings.timezone)


def _quality(settings: Settings, folder: Path, rows: int) -> Path:
    from data_contracts.expectations import build_docs, validate_sample
    from ingest.run import entities_in_order
    from ingest.samples import accepted_sample
    from ingest.workspace import open_workspace

    for source, entity in entities_in_order(settings):
        sample = accepted_sample(settings, source, entity, rows)
        if sample is None:
            continue
        with open_workspace(settings) as workspace:
            contract = workspace.contract(workspace.entity(source, entity))
        result = validate_sample(contract, sample.to_pandas(), folder)
        verdict = "kept its contract" if result.success else f"[red]broke {', '.join(result.broken)}[/red]"
        console.print(f"{result.raw_table}: a sample of {result.rows:,} accepted rows {verdict}", highlight=False)
    return build_docs(folder)
