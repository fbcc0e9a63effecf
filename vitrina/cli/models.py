"""`vitrina models …`: what people set for the models of churn and value, and how the models stand."""

import sys

import typer

from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for
from vitrina.cli.operational import opened

models = typer.Typer(no_args_is_help=True, help="Models of churn and value: definitions, versions, cards.")


@models.command("wishes", hidden=True)
def wishes_command(home: HomeOption = None) -> None:
    """Definitions and promotions as JSON, for the pipeline."""
    from crm.services.churn_models import wishes

    with opened(settings_for(home)) as database, database.read() as session:
        sys.stdout.write(wishes(session).to_json())


@models.command("list")
def list_command(home: HomeOption = None) -> None:
    """Every trained model, with what it scores."""
    from vitrina.models.definitions import CUSTOMER_TYPES, remembered
    from vitrina.models.store import ModelStore

    settings = settings_for(home)
    store, told = ModelStore(settings.models_dir), remembered(settings.models_dir)
    for kind in CUSTOMER_TYPES:
        champion = store.champion(kind, told.definitions[kind].key)
        for version in store.versions(kind):
            area = version.report.get("all", {}).get("auc")
            mark = "champion" if version == champion else ""
            figure = "-" if area is None else f"{area:.3f}"
            console.print(f"{version.name}  AUC {figure}  {mark}", highlight=False)


@models.command("card")
def card_command(version: str, home: HomeOption = None) -> None:
    """The card of a model, in Markdown."""
    from vitrina.errors import UserError
    from vitrina.models.definitions import CUSTOMER_TYPES
    from vitrina.models.store import ModelStore

    store = ModelStore(settings_for(home).models_dir)
    known = {each.name: each for kind in CUSTOMER_TYPES for each in store.versions(kind)}
    if version not in known:
        raise UserError(f"there is no model {version}")
    sys.stdout.write(store.card(known[version]))
