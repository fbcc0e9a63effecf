"""A tiny published snapshot for tests of the workspace: sixty customers, fourteen months, every mart that pages read.

Columns of the profile come from its dbt contract, so a renamed attribute breaks these tests and not a page in use.
"""

import datetime as dt
from pathlib import Path

import duckdb
import yaml

from tests.apps.small_models import write_models
from vitrina.dictionary import read_models
from vitrina.members.store import MemberStore
from vitrina.members.tables import write_tables
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
    "fct_usage_daily": "usage_date",
    "fct_usage_monthly": "month",
    "fct_charges": "charge_date",
    "fct_debt_monthly": "month_end",
    "customer_profiles_history": "month_end",
    "customer_rfm_history": "month_end",
    "segment_changes": "as_of",
    "customer_scores_history": "month_end",
    "customer_results": "result_date",
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
    "data_mb_trend_pct": "case when customer_id = 8 then -50 else 4.2 end",
    "manager_id": "manager_id",
    "overdue_days_max": "case when customer_type = 'organisation' then (customer_id * 3) % 120 end",
    "links_formal_count": "case when customer_id in (4, 8) then 1 else 0 end",
    "links_informal_count": "case when customer_id in (8, 12) then 1 else 0 end",
    "agreement_next_end_date": "case when customer_id = 12 then date '2027-03-01' end",
    "usage_data_date": "date '2026-11-22'",
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
    return "cast(null as varchar)" if value is None else "'" + str(value).replace("'", "''") + "'"


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
            "null_meaning": own["null_meaning"],
            "values_from": own.get("values_from"),
        }
        listed = {**values, **dict.fromkeys(("renamed_from", "deprecated_note", "replaced_by"))}
        rows.append(f"select {position} as position, " + ", ".join(f"{_quote(v)} as {k}" for k, v in listed.items()))
    con.execute("create table marts.attribute_catalogue as " + " union all ".join(rows))
    _segment_catalogue(con, meta["units"])


def _segment_catalogue(con: duckdb.DuckDBPyConnection, units: dict[str, dict[str, str]]) -> None:
    """Events, related objects and their fields as the property files have them, for the tables that are here."""
    here = {
        name for (name,) in con.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
    }
    entities, fields = [], []
    for model in [model for name, model in read_models(REPOSITORY / "dbt_project").items() if name in here]:
        there = {name for (name,) in con.execute(f"select column_name from (describe marts.{model.name})").fetchall()}
        for entity in model.meta.get("segment_entities", ()):
            entities.append(
                {
                    key: entity[key]
                    for key in ("position", "name", "kind", "label_ru", "label_uz", "label_en", "description")
                }
                | {
                    "table_name": model.name,
                    "customer_column": "customer_id",
                    "month_column": month if (month := model.meta.get("month_column")) in there else None,
                }
                | {key: entity.get(key) for key in ("date_column", "valid_from_column", "valid_to_column")}
            )
        for name in {entity["name"]: None for entity in model.meta.get("segment_entities", ())}:
            for column in [column for column in model.columns if column.labels and column.name in there]:
                fields.append(
                    {"entity": name, "name": column.name, "type": column.data_type, "description": column.description}
                    | {key: column.meta[key] for key in ("label_ru", "label_uz", "label_en", "unit", "null_meaning")}
                    | {f"unit_label_{lang}": units[column.meta["unit"]][lang] for lang in ("ru", "uz", "en")}
                    | {key: column.meta.get(key) for key in ("personal_data_class", "values_from")}
                )
    fields = [{"position": position, **field} for position, field in enumerate(fields, 1)]
    for table, rows in {"segment_entities": entities, "segment_fields": fields}.items():
        selects = (", ".join(f"{_quote(v)} as {k}" for k, v in row.items()) for row in rows)
        con.execute(f"create table marts.{table} as " + " union all ".join(f"select {each}" for each in selects))
        con.execute(f"alter table marts.{table} alter position type integer")


def publish_small_operator(published: Path) -> Published:
    """Build the marts in memory and publish them as the next version."""
    con = duckdb.connect()
    con.execute(SQL.read_text(encoding="utf-8"))
    write_models(con)
    _profiles(con)
    con.execute("drop table base; drop table month_ends")
    write_tables(con, MemberStore(published / "no_segments"))
    specs = {name: MartSpec(name, month_column=column) for name, column in MONTH_FACTS.items()}
    request = PublishRequest(as_of=AS_OF, now=dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC))
    return publish(con, published, request, MartCatalogue(specs))
