"""Training: repeatable, and what it writes is what it measured."""

import shutil
from pathlib import Path

import pytest
from party_town import connect, record, town

from parties.model import DEFAULT_MODEL, load_model
from parties.training import TooFewLabelsError, train, write_model


def test_training_is_repeatable_and_the_written_file_reads_back_equal(tmp_path: Path) -> None:
    records, _ = town(2500)
    con = connect(records)
    trained = train(con, "int_party_records", load_model(), random_pairs=2e5)
    again = train(con, "int_party_records", load_model(), random_pairs=2e5)
    assert trained == again
    path = tmp_path / "model.yaml"
    shutil.copy(DEFAULT_MODEL, path)
    path.chmod(0o644)
    write_model(trained, path)
    assert load_model(path).fingerprint == trained.fingerprint
    assert load_model(path).training["labelled_pairs"] == trained.training["labelled_pairs"] >= 100
    exact = trained.comparisons["phone"].levels[0]
    assert exact.m > 0.5 > exact.u


def test_too_few_labelled_pairs_are_refused() -> None:
    with pytest.raises(TooFewLabelsError):
        train(connect([record("foris", "1", "Каримов Азиз")]), "int_party_records", load_model())


def test_the_saved_model_is_sound() -> None:
    model = load_model()
    for comparison in model.comparisons.values():
        assert sum(level.m for level in comparison.levels) == pytest.approx(1, abs=1e-3)
        assert sum(level.u for level in comparison.levels) == pytest.approx(1, abs=1e-3)
        assert comparison.levels[0].weight > 0 > comparison.levels[-1].weight
