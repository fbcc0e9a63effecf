"""When a model is trained, how it is judged, and which version counts: for one type of customers in one home."""

import datetime as dt
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import polars as pl

from signals.models import backtest, metrics
from signals.models.boosting import Recipe
from signals.models.churn import LABEL, MONTH, ChurnModel, train
from signals.models.errors import CHANCE, NOTHING_TO_JUDGE, TooLittleData
from signals.models.features import Feature, features_of
from signals.models.leaks import Suspect, suspects
from signals.models.reasons import weights_of
from vitrina.model_options import ModelOptions
from vitrina.models.definitions import Definition, Wishes
from vitrina.models.history import keep_backtest
from vitrina.models.rows import FeatureRows
from vitrina.models.store import ModelStore, Version

PIPELINE: Final = "pipeline"
_CONTRIBUTIONS = 20_000


@dataclass(frozen=True)
class Subject:
    """Whose model: the type of customers, what churn means for them, and their rows."""

    customer_type: str
    definition: Definition
    rows: FeatureRows


def champion_of(
    subject: Subject, store: ModelStore, options: ModelOptions, wishes: Wishes, now: dt.datetime
) -> Version | None:
    """The version that scores now, after training what is missing and promoting what deserves it.

    Raises `TooLittleData` when nothing can be trained and nothing was before.
    """
    key = subject.definition.key
    take_promotions(subject.customer_type, store, wishes, now)
    if is_due(subject, store):
        try:
            _train(subject, store, options, now)
        except TooLittleData:
            if store.champion(subject.customer_type, key) is None:
                raise
    return store.champion(subject.customer_type, key)


def is_due(subject: Subject, store: ModelStore) -> bool:
    """Whether a month's future became known, churn means something else, or features are others, since last trained."""
    labelled = subject.rows.labelled()
    last = labelled[-1].isoformat() if labelled else ""
    known = [v for v in store.versions(subject.customer_type) if v.definition == subject.definition.key]
    return not known or known[-1].judged_until < last or known[-1].report["declared"] != _declared(subject)


def take_promotions(customer_type: str, store: ModelStore, wishes: Wishes, now: dt.datetime) -> None:
    """Do what people decided since the last champion."""
    known = {version.name for version in store.versions(customer_type)}
    for wish in sorted(wishes.promotions, key=lambda each: each.at):
        promoted = store.promotions(customer_type)
        last = promoted[-1] if promoted else None
        if wish.version in known and (last is None or (last.at < wish.at and last.name != wish.version)):
            store.promote(wish.version, wish.login, wish.reason, now)


def _declared(subject: Subject) -> list[str]:
    return [feature.name for feature in features_of(subject.customer_type, subject.rows.features)]


def _train(subject: Subject, store: ModelStore, options: ModelOptions, now: dt.datetime) -> None:
    rows, definition = subject.rows, subject.definition
    months = rows.months()
    plan = backtest.folds(months, definition.wait, options.refits, len(rows.labelled()))
    table = rows.sample(options.most_rows)
    declared = features_of(subject.customer_type, rows.features)
    left_out = look_for_leaks(table, months, definition.wait, declared)
    features = [each for each in declared if each.name not in {suspect.feature for suspect in left_out}]
    trainer = partial(
        train, features=features, customer_type=subject.customer_type, definition=definition.label,
        recipe=Recipe(seed=options.seed), most_rows=options.training_rows,
    )  # fmt: skip
    models, scored = backtest.run(table, plan, trainer)
    champion = store.champion(subject.customer_type, definition.key)
    judged = backtest.labelled(table, plan[-1].score)
    report = {
        **backtest.report(scored), "declared": _declared(subject), "judged_until": _last(judged).isoformat(),
        "leaks": [asdict(suspect) for suspect in left_out], "folds": [_told(fold) for fold in plan],
        "features": _weights(models[-1], judged), "recipe": asdict(Recipe(seed=options.seed)),
        "trained_from": models[-1].trained_from.isoformat(), "trained_until": models[-1].trained_until.isoformat(),
        "calibrated_until": models[-1].calibrated_until.isoformat(), "rows": models[-1].rows,
        "churned": models[-1].churned, "calibration_method": models[-1].calibration.method,
        "definition": definition.label, "margin": options.margin,
        "duel": _duel(models[-1], store.load(champion) if champion is not None else None, judged),
    }  # fmt: skip
    version = store.keep(models[-1], backtest.plain(report), now, definition.key)
    keep_backtest(store, subject.customer_type, definition.key, rows, scored, models, plan, options)
    _promote(store, version, champion, options, now)


def look_for_leaks(
    table: pl.DataFrame, months: list[dt.date], wait: int, features: tuple[Feature, ...]
) -> list[Suspect]:
    """Look at the latest month whose future is stored, with the months before and after it."""
    here = len(months) - 1 - wait
    if here < 1:
        return []
    before, now, after = (table.filter(pl.col(MONTH) == months[place]) for place in (here - 1, here, here + 1))
    return suspects(before, now.filter(pl.col(LABEL).is_not_null()), after, features)


def _weights(model: ChurnModel, rows: pl.DataFrame) -> list[dict[str, Any]]:
    some = rows.head(_CONTRIBUTIONS)
    return weights_of(model.encoder.features, model.contributions(model.score(some).matrix))


def _duel(challenger: ChurnModel, champion: ChurnModel | None, judged: pl.DataFrame) -> dict[str, Any] | None:
    """Both on the judged months, which neither has learned from; None without a champion that can still read them."""
    if champion is None or not set(champion.encoder.names) <= set(judged.columns) or judged.is_empty():
        return None
    labels = judged[LABEL].cast(pl.Int8).to_numpy()
    areas = [metrics.auc(labels, model.score(judged).probability) for model in (champion, challenger)]
    return {
        "champion": areas[0].value, "champion_low": areas[0].low, "champion_high": areas[0].high,
        "challenger": areas[1].value, "challenger_low": areas[1].low, "challenger_high": areas[1].high,
        "rows": judged.height, "churned": int(labels.sum()),
    }  # fmt: skip


def _promote(
    store: ModelStore, version: Version, champion: Version | None, options: ModelOptions, now: dt.datetime
) -> None:
    duel = version.report.get("duel")
    if champion is None:
        if (version.report["all"]["auc_low"] or 0) <= 0.5:
            raise TooLittleData(CHANCE)
        store.promote(version.name, PIPELINE, "first", now)
    elif duel is None:
        store.promote(version.name, PIPELINE, "features", now)
    elif options.promotion == "auto" and duel["challenger"] - duel["champion"] >= options.margin:
        store.promote(version.name, PIPELINE, "better", now)


def _told(fold: backtest.Fold) -> dict[str, str]:
    return {
        "origin": fold.origin.isoformat(), "train_from": fold.train[0].isoformat(),
        "train_until": fold.train[-1].isoformat(), "calibrate_until": fold.calibrate[-1].isoformat(),
        "score_until": fold.score[-1].isoformat(),
    }  # fmt: skip


def _last(judged: pl.DataFrame) -> dt.date:
    found = judged[MONTH].max()
    if not isinstance(found, dt.date):
        raise TooLittleData(NOTHING_TO_JUDGE)
    return found
