"""Scores in a run of the pipeline: after the marts are built, before segments ask of them. Never stops the run."""

import datetime as dt
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import polars as pl

from signals.models.actions import declared_actions, next_actions
from signals.models.errors import NO_CHAMPION, NO_MONTHS, NoScores, TooLittleData
from signals.models.features import declared_features, features_of
from vitrina.models.card import model_card
from vitrina.models.definitions import CUSTOMER_TYPES, Definition, Wishes, remembered
from vitrina.models.history import fill_gaps, keep_month
from vitrina.models.lives import lives, survival_rows
from vitrina.models.rows import FeatureRows
from vitrina.models.scoring import Scored, score
from vitrina.models.store import ModelStore, Version
from vitrina.models.tables import HISTORY, fill_history, make_tables, version_rows
from vitrina.models.training import Subject, champion_of
from vitrina.models.value import value_model, worth
from vitrina.settings import Settings
from vitrina.warehouse.askable import fill, let_segments_ask
from vitrina.warehouse.engine import quoted


@dataclass(frozen=True)
class PartDone:
    """How one part came out: `part` churn or value, `state` scored or none, and why not."""

    customer_type: str
    part: str
    state: str
    reason: NoScores | None = None
    version: str = ""
    month: dt.date | None = None
    customers: int = 0
    seconds: float = 0.0


def score_build(settings: Settings, as_of: dt.date, now: dt.datetime) -> list[PartDone]:
    """Train what is due, score today's customers and write the tables of models into the build.

    Too little data, a missing or damaged model give no scores and a reason, in `model_runs` and in what is returned.
    """
    wishes = remembered(settings.models_dir)
    with duckdb.connect(str(settings.build_path)) as build:
        return _score(build, settings, wishes, as_of, now)


def without_scores(settings: Settings) -> None:
    """Leave empty tables in the build, after a fault that nobody foresaw: the snapshot goes out without scores."""
    with duckdb.connect(str(settings.build_path)) as build:
        make_tables(build)
        let_segments_ask(build, "model_tables.yml", HISTORY)


def _score(
    build: duckdb.DuckDBPyConnection, settings: Settings, wishes: Wishes, as_of: dt.date, now: dt.datetime
) -> list[PartDone]:
    make_tables(build)
    store, done = ModelStore(settings.models_dir), []
    for customer_type in CUSTOMER_TYPES:
        definition = wishes.definitions[customer_type]
        rows = FeatureRows(build, customer_type, features_of(customer_type, declared_features()))
        subject = Subject(customer_type, definition, rows)
        churn, scored = _churn(build, subject, store, settings, wishes, now)
        value, valued = _value(build, settings, customer_type, definition, as_of, churn.month)
        done += [churn, value]
        customers = _customers(build, customer_type, scored, valued, as_of, churn.version)
        fill(build, "customer_scores", customers)
        fill(build, "churn_models", version_rows(store, customer_type, definition.key))
    fill(build, "survival_curves", survival_rows(lives(build)))
    fill(build, "model_runs", [_run_row(each, wishes) for each in done])
    let_segments_ask(build, "model_tables.yml", HISTORY)
    return done


def _churn(
    build: duckdb.DuckDBPyConnection, subject: Subject, store: ModelStore, settings: Settings, wishes: Wishes,
    now: dt.datetime,
) -> tuple[PartDone, Scored | None]:  # fmt: skip
    started, kind, options = time.monotonic(), subject.customer_type, settings.models
    months = subject.rows.months()
    try:
        if not months:
            raise TooLittleData(NO_MONTHS)
        version = champion_of(subject, store, options, wishes, now)
        if version is None:
            raise TooLittleData(NO_CHAMPION)
        model = store.load(version)
        scored = score(model, subject.rows.month(months[-1]), months[-1], options)
    except NoScores as error:
        return PartDone(kind, "churn", "none", error, seconds=time.monotonic() - started), None
    _keep(subject, store, version, scored, settings)
    fill_history(build, store, kind, subject.definition.key)
    fill(build, "model_drift", [
        {"customer_type": kind, "month_end": scored.month, "version": version.name, "name": each.name,
         "psi": each.psi, "state": each.state}
        for each in scored.drifts
    ])  # fmt: skip
    store.write_card(version, model_card(version, store.promotions(kind), scored.drifts))
    seconds = time.monotonic() - started
    return PartDone(kind, "churn", "scored", None, version.name, scored.month, scored.rows.height, seconds), scored


def _keep(subject: Subject, store: ModelStore, version: Version, scored: Scored, settings: Settings) -> None:
    kind, key = subject.customer_type, subject.definition.key
    origin = dt.date.fromisoformat(version.report["folds"][-1]["origin"])
    since = [month for month in subject.rows.months() if origin <= month < scored.month]
    fill_gaps(store, kind, key, subject.rows, store.load(version), version.name, since, settings.models)
    told = scored.rows.with_columns(model_version=pl.lit(version.name), is_backtest=pl.lit(False))
    keep_month(store.history_file(kind, key, scored.month), told)


def _value(
    build: duckdb.DuckDBPyConnection, settings: Settings, customer_type: str, definition: Definition, as_of: dt.date,
    month: dt.date | None,
) -> tuple[PartDone, pl.DataFrame | None]:  # fmt: skip
    started = time.monotonic()
    try:
        fitted, rows = value_model(build, settings.models_dir, customer_type, as_of, month or as_of.replace(day=1))
    except NoScores as error:
        return PartDone(customer_type, "value", "none", error, seconds=time.monotonic() - started), None
    told, amounts = fitted.purchases, fitted.amounts
    fill(build, "value_models", [
        {"customer_type": customer_type, "fitted_on": fitted.fitted_on, "customers": fitted.customers, "r": told.r,
         "alpha": told.alpha, "a": told.a, "b": told.b, "p": amounts.p, "q": amounts.q, "v": amounts.v,
         "margin_pct": definition.margin_pct, "holdout": _json(fitted.holdout)}
    ])  # fmt: skip
    valued = worth(fitted, rows, definition.margin_pct)
    return PartDone(
        customer_type, "value", "scored", None, "", month, valued.height, time.monotonic() - started
    ), valued  # fmt: skip


def _customers(
    build: duckdb.DuckDBPyConnection, customer_type: str, scored: Scored | None, valued: pl.DataFrame | None,
    as_of: dt.date, version: str,
) -> pl.DataFrame:  # fmt: skip
    """Rows of customer_scores: who has a score or a value, with the next best action."""
    parts = [each for each in (scored.rows if scored else None, valued) if each is not None]
    if not parts:
        return pl.DataFrame()
    rows = parts[0] if len(parts) == 1 else parts[0].join(parts[1], "customer_id", "full", coalesce=True)
    needed = sorted({column for action in declared_actions() for column in action.columns} - set(rows.columns))
    profile = pl.DataFrame(pl.from_arrow(build.sql(
        f"""SELECT customer_id, customer_type, {", ".join(quoted(c) for c in _there(build, needed))}
            FROM marts.customer_profiles WHERE customer_type = ?""", params=[customer_type],
    ).to_arrow_table()))  # fmt: skip
    rows = rows.join(profile, "customer_id", "inner").sort("customer_id")
    told = pl.concat([rows, next_actions(rows)], how="horizontal").with_columns(
        as_of=pl.lit(as_of), churn_month=pl.lit(scored.month if scored else None, dtype=pl.Date),
        model_version=pl.lit(version or None, dtype=pl.String),
    )  # fmt: skip
    return told.select([column for column in told.columns if column not in needed or column == "customer_type"])


def _there(build: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> list[str]:
    known = {
        name
        for (name,) in build.execute(
            "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'marts' AND table_name = 'customer_profiles'"
        ).fetchall()
    }
    return [column for column in columns if column in known and column != "customer_type"]


def _run_row(done: PartDone, wishes: Wishes) -> dict[str, object]:
    """What a run came to. How long it took is the orchestrator's to tell: a mart is the same for the same data."""
    return {
        "customer_type": done.customer_type, "part": done.part, "state": done.state,
        "reason": _json(done.reason.to_json()) if done.reason else None,
        "definition": _json(vars(wishes.definitions[done.customer_type])), "version": done.version or None,
        "month_end": done.month, "customers": done.customers,
    }  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
