"""A tiny published snapshot for tests of the workspace: sixty customers, fourteen months, every mart that pages read.

Columns of the profile come from its dbt contract, so a renamed attribute breaks these tests and not a page in use.
"""

import datetime as dt
from pathlib import Path

import duckdb
import yaml

from vitrina.settings import REPOSITORY
from vitrina.warehouse.marts import MartCatalogue, MartSpec
from vitrina.warehouse.publish import Published, PublishRequest, publish

AS_OF = dt.date(2026, 11, 22)
LAST_MONTH_END = dt.date(2026, 10, 31)
MONTHS = 14
PROFILE_YAML = REPOSITORY / "dbt_project" / "models" / "marts" / "customers" / "customer_profiles.yml"
MONTH_FACTS = {
    "fct_payments": "paid_date",
    "fct_interactions": "interaction_date",
    "customer_profiles_history": "month_end",
    "customer_rfm_history": "month_end",
}

SQL = Path(__file__).with_suffix(".sql")

_PROFILE = {
    "customer_id": "customer_id",
    "customer_type": "customer_type",
    "full_name": "full_name",
    "name_uz": "name_uz",
    "short_name": "name_uz",
    "inn": "inn",
    "pinfl": "pinfl",
    "passport": "passport",
    "region_code": "region_code",
    "segment": "segment",
    "contact_phone": "msisdn",
    "main_msisdn": "msisdn",
    "language": "'ru'",
    "birth_date": "date '1988-03-09'",
    "sex": "case when customer_type = 'person' then 'M' end",
    "created_date": "date '2024-02-01'",
    "has_marketing_consent": "customer_id % 2 = 0",
    "manager_name": "case when customer_type = 'organisation' then 'Рахимов Тимур' end",
    "legal_status": (
        "case when customer_id = 8 then 'in_liquidation' when customer_type = 'organisation' then 'active' end"
    ),
    "lifecycle_status": "case when has_left and month_end >= date '2026-10-31' then 'left' else 'active' end",
    "subscriptions_active_count": (
        "case when has_left and month_end >= date '2026-10-31' then 0 else 1 + customer_id % 3 end"
    ),
    "subscriptions_active_change_3m": "0",
    "charges_amount_last_month": "40000 + customer_id * 1000 + month(month_end) * 500",
    "charges_recurring_amount_last_month": "40000",
    "charges_out_of_bundle_amount_last_month": "customer_id * 1000",
    "charges_roaming_amount_last_month": "month(month_end) * 500",
    "charges_trend_pct": "-3.5",
    "arpu_3m": "52000",
    "payments_amount_last_month": "45000",
    "debt_amount": "case when customer_type = 'organisation' then 90000 end",
    "debt_not_due_amount": "case when customer_type = 'organisation' then 60000 end",
    "debt_overdue_1_30_amount": "case when customer_type = 'organisation' then 30000 end",
    "debt_overdue_amount": "case when customer_type = 'organisation' then 30000 end",
    "debt_date": "month_end",
    "data_mb_last_month": "1000 + customer_id * 10",
    "data_mb_trend_pct": "4.2",
    "voice_out_minutes_last_month": "120.5",
    "sms_out_count_last_month": "12",
    "tenure_months_count": "20",
    "main_product_name": "'Салом 30'",
    "rfm_group": (
        "case when never_paid then 'no_payments' "
        "else ['champions', 'loyal', 'at_risk', 'lost'][1 + customer_id % 4] end"
    ),
    "r_score": "case when not never_paid then 5 - customer_id % 4 end",
    "f_score": "case when not never_paid then 5 - customer_id % 4 end",
    "m_score": "case when not never_paid then 3 end",
    "cohort_month": "date '2025-09-01'",
    "group_id": "case when customer_id in (4, 8, 12) then 4 end",
    "group_customers_count": "case when customer_id in (4, 8, 12) then 3 end",
}


def _quote(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _profiles(con: duckdb.DuckDBPyConnection) -> None:
    model = yaml.safe_load(PROFILE_YAML.read_text(encoding="utf-8"))["models"][0]
    types = {column["name"]: column["data_type"] for column in model["columns"]}
    unknown = set(_PROFILE) - set(types)
    assert not unknown, f"the profile has no {unknown}"
    columns = ", ".join(
        f"cast({'month_end' if name == 'month_end' else _PROFILE.get(name, 'null')} as {kind}) as {name}"
        for name, kind in types.items()
    )
    con.execute(f"create table marts.customer_profiles_history as select {columns} from base cross join month_ends")
    con.execute(
        f"create table marts.customer_profiles as select {columns} "
        f"from base cross join (select date '{LAST_MONTH_END}' as month_end)"
    )
    meta = model["config"]["meta"]
    rows = []
    for position, column in enumerate(model["columns"], 1):
        own = column["config"]["meta"]
        values = {
            "name": column["name"],
            **{f"label_{lang}": own[f"label_{lang}"] for lang in ("ru", "uz", "en")},
            '"group"': own["group"],
            **{f"group_label_{lang}": meta["groups"][own["group"]][lang] for lang in ("ru", "uz", "en")},
            "type": column["data_type"],
            "unit": own["unit"],
            **{f"unit_label_{lang}": meta["units"][own["unit"]][lang] for lang in ("ru", "uz", "en")},
            "personal_data_class": own["personal_data_class"],
            "source": ",".join(own["sources"]),
            "description": column["description"],
        }
        rows.append(f"select {position} as position, " + ", ".join(f"{_quote(v)} as {k}" for k, v in values.items()))
    con.execute("create table marts.attribute_catalogue as " + " union all ".join(rows))


def publish_small_operator(published: Path) -> Published:
    """Build the marts in memory and publish them as the next version."""
    con = duckdb.connect()
    con.execute(SQL.read_text(encoding="utf-8"))
    _profiles(con)
    con.execute("drop table base; drop table month_ends")
    specs = {name: MartSpec(name, month_column=column) for name, column in MONTH_FACTS.items()}
    request = PublishRequest(as_of=AS_OF, now=dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC))
    return publish(con, published, request, MartCatalogue(specs))
