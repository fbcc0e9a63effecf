"""A small catalogue, definitions over it, and shorthands for the services of segments that the tests share."""

import datetime as dt
from typing import Any

import pytest
from crm_people import NOW, SYSTEM, acting

from crm.database import Database
from crm.services import rights, segments
from crm.services.accounts import UserInfo
from crm.services.segments import Author, Fixture, SegmentInfo, Verdict
from segments.catalogue import Catalogue, Entity, Field
from segments.definition import fingerprint, parse
from segments.engine import At
from vitrina.segment_options import SegmentOptions

TODAY = dt.date(2026, 11, 22)
CATALOGUE = Catalogue(
    {
        "debt_amount": Field("debt_amount", "number", "decimal(18,2)"),
        "segment": Field("segment", "code", "varchar"),
        "main_msisdn": Field("main_msisdn", "text", "varchar", renamed_from=("phone",)),
    },
    {
        "payments": Entity(
            "payments", "event", "fct_payments", "customer_id",
            {"amount": Field("amount", "number", "decimal(18,2)"), "payer": Field("payer", "text", "varchar")},
            date_column="paid_date",
        )
    },
    {
        "devices": Entity(
            "devices", "related", "dim_devices", "customer_id", {"imei": Field("imei", "text", "varchar")},
            date_column="first_seen_date",
        )
    },
)  # fmt: skip
OPEN = {
    "customer_profiles": frozenset({"customer_id", "debt_amount", "segment"}),
    "fct_payments": frozenset({"customer_id", "paid_date", "amount"}),
}
HIDDEN = {"customer_profiles": frozenset({"main_msisdn"}), "fct_payments": frozenset({"payer"})}
MACHINE = Author(CATALOGUE, At.current(TODAY))
OPTIONS = SegmentOptions()
# What is decided before the database is asked, or by arithmetic alone, needs no second one.
once = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def rule(**more: Any) -> dict[str, Any]:
    """A condition on the debt, or what is given instead."""
    return {"kind": "attribute", "field": "debt_amount", "operator": ">", "value": 100, **more}


def within(*keys: str) -> list[dict[str, Any]]:
    """Conditions on other segments."""
    return [{"kind": "segment", "segment": key, "operator": "in"} for key in keys]


def rules(*each: dict[str, Any]) -> dict[str, Any]:
    """A document of these conditions."""
    return {"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": list(each)}}


def of(database: Database, user: UserInfo) -> Author:
    """The user as author, who sees neither phones nor payers nor devices."""
    with database.read() as session:
        return Author(CATALOGUE, At.current(TODAY), rights.rights_of(session, user.user_id, TODAY), OPEN, HIDDEN)


def draft(database: Database, name: str, *each: dict[str, Any], by: UserInfo | None = None, **more: Any) -> SegmentInfo:
    """A new segment."""
    with database.begin() as session:
        actor = acting(by) if by else SYSTEM
        return segments.create_draft(session, name, rules(*each), actor, NOW, author=MACHINE, **more)


def save(database: Database, info: SegmentInfo, *each: dict[str, Any], by: UserInfo | None = None) -> SegmentInfo:
    """Save other conditions, based on what `info` says."""
    with database.begin() as session:
        actor = acting(by) if by else SYSTEM
        return segments.save_draft(
            session, info.key, actor, NOW, base=info.revision, author=MACHINE, document=rules(*each)
        )


def verdict_on(database: Database, key: str, *inside: int) -> Verdict:
    """A verdict on the newest version, in which these customers are."""
    with database.read() as session:
        return Verdict(segments.version(session, key).fingerprint, frozenset(inside), {"entered": 3, "left": 1})


def publish(
    database: Database, key: str, *inside: int, by: UserInfo | None = None, options: SegmentOptions = OPTIONS
) -> SegmentInfo:
    """Publish the open version."""
    verdict = verdict_on(database, key, *inside)
    with database.begin() as session:
        actor = acting(by) if by else SYSTEM
        return segments.publish_version(
            session, key, actor, NOW, "test", author=MACHINE, verdict=verdict, options=options
        )


def fingerprint_of(*each: dict[str, Any]) -> str:
    """The fingerprint of these conditions."""
    return fingerprint(parse(rules(*each)))


def have_to_be_in(*inside: int) -> list[Fixture]:
    """Customers who have to be in."""
    return [Fixture(each, True, "has to be in") for each in inside]
