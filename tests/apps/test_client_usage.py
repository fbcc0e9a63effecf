"""Usage analysis: sums by independent SQL, norms and deviations by hand, comparison, and the file."""

import datetime as dt
import io
from pathlib import Path

import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from apps.data import usage
from apps.data.usage import Asked, Subject
from tests.apps.people import EVERYTHING
from tests.apps.test_clients import asked, entered, metrics
from tests.apps.test_pages import assert_healthy, opened, words
from vitrina.i18n import LANGUAGES
from vitrina.warehouse.reader import SnapshotReader

FIRST, LAST = dt.date(2026, 9, 1), dt.date(2026, 11, 1)
WHOSE = {
    "client": ("8", "customer_id = 8"),
    "market": ("sme", "customer_id in (select customer_id from customer_profiles where segment = 'sme')"),
    "product": ("1", "true"),
    "everybody": ("", "true"),
    "peers": ("8", "customer_id in (select customer_id from customer_profiles where segment = 'corporate' or false) "
                   "and customer_id <> 8"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WHOSE)
@pytest.mark.parametrize("grain", usage.GRAINS)
def test_sums_are_those_of_the_facts_themselves(small_home: Path, kind: str, grain: str) -> None:
    key, condition = WHOSE[kind]
    if kind == "peers":
        ((segment,),) = asked(small_home, "select segment from customer_profiles where customer_id = 8")
        condition = condition.replace("corporate", segment)
    first, last = usage.begin(FIRST, grain), usage.begin(dt.date(2026, 11, 22), grain)
    with SnapshotReader.open(small_home / "published") as snapshot:
        rows = usage.series(snapshot, Asked(Subject(kind, key), grain, first, last))
    expected = {
        period: (float(mb), float(sms), float(minutes), count)
        for period, mb, sms, minutes, count in asked(
            small_home,
            f"""select cast(date_trunc('{grain}', usage_date) as date), sum(data_mb), sum(sms_out),
                       sum(voice_out_onnet_sec + voice_out_offnet_sec) / 60.0, count(distinct customer_id)
                from fct_usage_daily where usage_date >= date '{first}' and {condition} group by 1""",
        )
    }
    told = {row["period"]: (row["data_mb"], row["sms"], row["voice_minutes"], row["customers"]) for row in rows}
    assert list(told) == sorted(expected)
    for period, values in expected.items():
        assert told[period] == pytest.approx(values)


class Told:
    """A reader with one answer."""

    def __init__(self, answer: dt.date | None) -> None:
        self.answer = answer

    def query(self, sql: str, params: object = ()) -> pa.Table:
        return pa.table({"answer": [self.answer]})


def test_a_week_that_is_stored_only_in_part_is_no_week_to_compare_with() -> None:
    weeks = [
        {"period": dt.date(2026, 8, 24) + dt.timedelta(weeks=n), "numbers": count} for n, count in enumerate((0, 2, 3))
    ]
    # September begins on a Tuesday: of the week from 31 August six days are stored.
    assert [row["numbers"] for row in usage.whole(Told(dt.date(2026, 9, 1)), weeks, "week")] == [3]
    assert [row["numbers"] for row in usage.whole(Told(dt.date(2026, 8, 1)), weeks, "week")] == [2, 3]
    assert usage.whole(Told(None), weeks[:1], "week") == []


def test_days_whose_usage_is_still_to_come_are_not_looked_at() -> None:
    as_of = dt.date(2026, 11, 22)
    answers = (dt.date(2026, 11, 20), dt.date(2026, 11, 30), None)
    assert [usage.known_until(Told(answer), as_of) for answer in answers] == [dt.date(2026, 11, 20), as_of, as_of]


def test_a_norm_is_the_median_of_the_periods_before_and_of_the_same_weekday_for_days() -> None:
    months = [{"m": value} for value in (10.0, 12.0, 11.0, 50.0, 12.0, 6.0)]
    assert usage.norms(months, "m", "month") == [None, None, None, 11.0, 11.5, 12.0]
    days = [{"m": float(100 * (place % 7) + place // 7)} for place in range(29)]
    assert usage.norms(days, "m", "day")[21:29] == [1.0, 101.0, 201.0, 301.0, 401.0, 501.0, 601.0, 1.5]


def test_a_deviation_is_told_from_its_threshold_on() -> None:
    assert usage.deviations([75, 76, 125, 0, 5], [100, 100, 100, 0, None], 25) == [-25.0, None, 25.0, None, None]


def test_a_year_before_is_the_same_month_or_the_same_weekday() -> None:
    assert usage.year_before(dt.date(2026, 3, 1), "month") == dt.date(2025, 3, 1)
    day = dt.date(2026, 11, 20)
    assert usage.year_before(day, "day").weekday() == day.weekday()
    assert usage.step(dt.date(2026, 1, 1), "month", -13) == dt.date(2024, 12, 1)


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_in_every_language_with_the_planted_fall_marked(language: str) -> None:
    at = opened("usage", language, client="8")
    table = at.dataframe[0].value
    october = table[table["period"] == "10.2026"].iloc[0]
    assert october["off"] == "−91\u202f%"
    assert set(table[table["period"].isin(["08.2026", "09.2026"])]["off"]) == {"—"}


@pytest.mark.usefixtures("use_home")
def test_a_client_is_compared_with_clients_like_it_per_client() -> None:
    at = opened("usage", client="8")
    at.selectbox(key="usage_compare_client").set_value("peers").run()
    assert_healthy(at)
    assert at.toggle(key="usage_per_customer_peers").value is True
    assert "В расчёте на одного клиента" in words(at)
    for kind in ("year", "segment", "client", ""):
        at.selectbox(key="usage_compare_client").set_value(kind).run()
        assert_healthy(at)


@pytest.mark.usefixtures("use_home")
@pytest.mark.parametrize("kind", ["segment", "product", "everybody"])
def test_every_kind_of_subject_and_period_has_figures(kind: str) -> None:
    at = opened("usage")
    at.button_group(key="usage_kind").set_value(kind).run()
    for grain in ("day", "week", "month"):
        at.button_group(key="usage_grain").set_value(grain).run()
        assert_healthy(at)
        assert metrics(at)["Норма"] != ""
    assert at.dataframe[0].value.iloc[0]["period"] == "Итого"


def test_who_sees_no_charges_is_shown_none(use_home: Path) -> None:
    assert use_home
    assert "charges" in opened("usage", login=EVERYTHING).dataframe[0].value
    marketing = opened("usage", login="b2c_specialist").dataframe[0].value
    assert "charges" not in marketing
    assert "data_mb" in marketing


def test_the_file_holds_what_the_page_shows(use_home: Path) -> None:
    route = "/v1/usage/export?subject=client&key=12&grain=month&first=2026-09-01&last=2026-11-01&lang=en"
    lines = entered(use_home, "farmer").get(route).content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith('"Period";"Internet, MB"')
    ((mb,),) = asked(
        use_home, "select sum(data_mb) from fct_usage_monthly where customer_id = 12 and month = date '2026-10-01'"
    )
    october = next(line for line in lines if line.startswith("2026-10-01"))
    assert float(october.split(";")[1]) == float(mb)
    book = entered(use_home, "farmer").get(route + "&format=xlsx").content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert (sheet[0][1], sheet[2][1]) == ("Internet, MB", float(mb))
    others = entered(use_home, "farmer").get(route.replace("key=12", "key=8"))
    assert len(others.content.decode("utf-8-sig").splitlines()) == 1
