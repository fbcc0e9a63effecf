"""Real data flows from file to mart by configuration alone; every figure equals one computed without the product."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from apps import identity
from apps.web.ownership import Owners
from tests.apps.people import EVERYTHING, make_people, open_session
from tests.integration import real_homes as real
from vitrina.cli.main import app
from vitrina.settings import REPOSITORY, Settings, get_settings
from vitrina.warehouse.reader import SnapshotReader

SHARED = Settings().shared_data
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (SHARED / "cdnow" / "CDNOW_master.txt").exists(), reason="the shared real data is not on this machine"
    ),
]
# Rows r_score 5..1, columns (f_score + m_score) / 2, halves up, 1..5.
GROUPS = (
    ("new_customers", "potential_loyal", "potential_loyal", "champions", "champions"),
    ("promising", "potential_loyal", "potential_loyal", "loyal", "champions"),
    ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("lost", "lost", "at_risk", "at_risk", "cannot_lose"),
)


@pytest.fixture(scope="module")
def cdnow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of CDNOW's purchases."""
    home = tmp_path_factory.mktemp("cdnow")
    real.run(home, "cdnow", real.CDNOW_AS_OF)
    return home


@pytest.fixture(scope="module")
def cdnow(cdnow_home: Path) -> SnapshotReader:
    return SnapshotReader(cdnow_home / "published")


@pytest.fixture(scope="module")
def telco_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of the Telco customers, with the two bank statements."""
    home = tmp_path_factory.mktemp("telco")
    real.run(home, "telco,onec_real", real.TELCO_AS_OF)
    return home


@pytest.fixture(scope="module")
def telco(telco_home: Path) -> SnapshotReader:
    return SnapshotReader(telco_home / "published")


@pytest.fixture(scope="module")
def paid() -> pl.DataFrame:
    """Purchases that cost something: a promotional disc is no payment."""
    return real.purchases(SHARED).filter(pl.col("amount") > 0)


def frame(reader: SnapshotReader, sql: str) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(reader.query(sql)))


def one(reader: SnapshotReader, sql: str) -> tuple[object, ...]:
    return frame(reader, sql).row(0)


def test_every_purchase_arrives_and_the_money_is_the_same(cdnow: SnapshotReader, paid: pl.DataFrame) -> None:
    everything = real.purchases(SHARED)
    assert (everything.height, everything["code"].n_unique()) == (69_659, 23_570)

    assert one(cdnow, "select count(*) from dim_customers") == (23_570,)
    assert one(cdnow, "select count(*), count(distinct customer_id), sum(amount) from fct_payments") == (
        paid.height, paid["code"].n_unique(), paid["amount"].sum(),
    )  # fmt: skip
    assert everything["amount"].sum() == paid["amount"].sum()


@pytest.mark.parametrize(
    ("month_end", "first"), [(date(1997, 12, 31), date(1997, 1, 1)), (date(1998, 6, 30), date(1997, 7, 1))]
)
def test_rfm_scores_and_groups_are_those_computed_by_hand(
    cdnow: SnapshotReader, paid: pl.DataFrame, month_end: date, first: date
) -> None:
    marts = frame(
        cdnow,
        "select i.source_id as code, recency_days as recency, frequency_12m as frequency, monetary_12m as monetary, "
        "r_score as r, f_score as f, m_score as m, rfm_group from customer_rfm_history join customer_identities as i "
        f"using (customer_id) where month_end = '{month_end}' and i.source = 'cdnow'",
    )
    by_hand = real.scores(paid, first, month_end)

    scored = marts.filter(pl.col("r").is_not_null())
    both = scored.join(by_hand, on="code", how="full", suffix="_hand", coalesce=True)

    assert both.height == by_hand.height == scored.height
    for name in ("recency", "frequency", "r", "f", "m", "monetary"):
        assert both.filter(pl.col(name).ne_missing(pl.col(f"{name}_hand").cast(both[name].dtype))).height == 0, name
    wrong = [row for row in scored.iter_rows(named=True) if row["rfm_group"] != _group(row)]
    assert wrong == []
    assert marts.filter(pl.col("r").is_null())["rfm_group"].unique().to_list() == ["no_payments"]


def _group(row: dict[str, int]) -> str:
    return GROUPS[5 - row["r"]][(row["f"] + row["m"] + 1) // 2 - 1]


def test_cohorts_keep_their_size_retention_and_revenue(cdnow: SnapshotReader, paid: pl.DataFrame) -> None:
    marts = frame(cdnow, "select * from cohort_retention where active_customers > 0")
    by_hand = real.cohorts(paid)

    both = marts.join(by_hand, left_on=["cohort_month", "activity_month"], right_on=["cohort", "month"], suffix="_hand")

    assert both.height == marts.height == by_hand.height
    for row in both.iter_rows(named=True):
        assert (row["customers"], row["active_customers"]) == (row["customers_hand"], row["active"])
        assert row["revenue"] == row["revenue_hand"]
        assert row["retention_pct"] == pytest.approx(100 * row["active"] / row["customers"], abs=0.0051)
        assert abs(row["revenue_per_customer"] - row["revenue"] / row["customers"]) <= Decimal("0.0051")
    sizes = marts.filter(pl.col("months_since") == 0).sort("cohort_month")["customers"].to_list()
    assert sum(sizes) == paid["code"].n_unique()


def test_every_telco_customer_has_a_profile(telco: SnapshotReader) -> None:
    file = real.telco(SHARED)

    assert one(telco, "select count(*), count(distinct customer_id) from customer_profiles") == (7_043, 7_043)
    left = one(telco, "select count(*) from dim_customers where status = 'closed'")
    assert left == (file.filter(pl.col("Churn") == "Yes").height,) == (1_869,)


def test_a_blank_total_is_let_in_and_counts_as_nothing_charged(telco: SnapshotReader) -> None:
    file = real.telco(SHARED)
    blank = file.filter(pl.col("TotalCharges").str.strip_chars() == "")
    assert (blank.height, blank["tenure"].unique().to_list()) == (11, ["0"])

    charged = frame(
        telco,
        "select i.source_id as code, coalesce(sum(amount), 0) as charged from customer_identities as i "
        "left join fct_charges using (customer_id) where i.source = 'telco' group by 1",
    )

    both = file.join(charged, left_on="customerID", right_on="code")
    total = pl.col("TotalCharges").str.strip_chars().replace("", "0").cast(pl.Decimal(18, 2))
    assert both.height == 7_043
    assert both.filter(pl.col("charged").cast(pl.Decimal(18, 2)) != total).height == 0


def test_the_statements_parse_and_the_disagreement_is_told(telco: SnapshotReader, telco_home: Path) -> None:
    figures = real.statement_figures(SHARED)
    difference = figures["КонечныйОстаток"] - (figures["НачальныйОстаток"] + figures["in"] - figures["out"])
    assert difference != 0

    statements = frame(telco, "select * from fct_bank_statements").to_dicts()
    documents = dict(frame(telco, "select statement_file, count(*) from fct_bank_documents group by 1").iter_rows())

    assert [(s["balance_difference"], s["has_difference"]) for s in statements] == [(difference, True)]
    assert (statements[0]["documents_in"], statements[0]["documents_out"]) == (figures["in"], figures["out"])
    assert documents == {"kl_to_1c.txt": 3, "to_bank.txt": 2}
    told = _command(telco_home, "sources", "warnings")
    assert f"differs from its documents by {difference}" in told
    assert "no account section" in told


def test_an_export_leaves_from_the_snapshot_of_real_data(telco_home: Path) -> None:
    exported = _command(telco_home, "export", "run", "analytics__profiles")
    manifest = json.loads(next((telco_home / "exports").rglob("*.manifest.json")).read_text())
    taken = _command(telco_home, "export", "ack", "analytics__profiles", manifest["export_id"])

    assert "exported, 7,043 rows of snapshot 1" in exported
    assert manifest["rows"] == 7_043
    assert "is taken in" in taken
    assert "exported" in _command(telco_home, "export", "list")


@pytest.fixture(scope="module")
def cdnow_people(cdnow_home: Path) -> Path:
    """The same warehouse with accounts to sign in with."""
    make_people(cdnow_home)
    return cdnow_home


@pytest.mark.parametrize("page", ["home", "rfm", "cohorts", "customers", "data_health"])
def test_the_workspace_opens_on_a_source_that_knows_payments_only(
    cdnow_people: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setenv("VITRINA_HOME", str(cdnow_people))
    monkeypatch.setenv("VITRINA_ENABLED_SOURCES", "cdnow")
    get_settings.cache_clear()

    screen = AppTest.from_file(str(REPOSITORY / "apps" / "app.py"), default_timeout=60)
    screen.user = open_session(cdnow_people, EVERYTHING)[1]
    identity.owners = Owners()
    screen.run()
    if page != "home":
        screen.switch_page(f"app_pages/{page}.py").run()
    get_settings.cache_clear()

    assert not screen.exception
    assert not any("Что-то пошло не так" in element.value for element in [*screen.markdown, *screen.error])


def _command(home: Path, *arguments: str) -> str:
    environment = {"VITRINA_ENABLED_SOURCES": "telco,onec_real", "COLUMNS": "250"}
    result = CliRunner().invoke(app, [*arguments, "--home", str(home)], env=environment)
    assert result.exit_code == 0, result.output
    return result.output
