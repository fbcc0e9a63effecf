"""What churn means: changed with a reason, never over somebody else's change; models are promoted by people."""

import pytest
from crm_people import NOW, SYSTEM, later

from crm.database import Database
from crm.errors import CrmError
from crm.services import churn_models
from crm.services.audit_log import AuditFilter, search
from vitrina.models.definitions import Definition, Wishes

STRICT = {"gap_months": 0, "horizon_months": 3, "inactivity_days": 45, "base_loss_pct": 30, "margin_pct": 40}


def change(
    database: Database, values: dict[str, int], based_on: int = 0, reason: str = "agreed with marketing"
) -> None:
    with database.begin() as session:
        churn_models.set_definition(session, "person", values, based_on, SYSTEM, NOW, reason)


def test_what_is_delivered_holds_until_somebody_changes_it(database: Database) -> None:
    with database.read() as session:
        assert churn_models.wishes(session) == Wishes()


def test_a_change_is_told_to_the_run_and_to_the_log(database: Database) -> None:
    change(database, STRICT)
    with database.read() as session:
        told, entries = churn_models.wishes(session), search(session, AuditFilter(subject="person"))
    assert told.definitions == {"person": Definition(**STRICT), "organisation": Definition()}
    assert entries[0].details["inactivity_days"] == [60, 45]
    assert "agreed" in entries[0].reason


def test_the_same_definition_is_no_change(database: Database) -> None:
    change(database, {"gap_months": 1})
    with database.read() as session:
        assert churn_models.definitions(session)["person"].revision == 0
        assert search(session, AuditFilter(subject="person")) == []


@pytest.mark.parametrize(
    ("values", "based_on", "reason", "code"),
    [
        ({**STRICT, "horizon_months": 0}, 1, "why", "churn_part"),
        ({**STRICT, "base_loss_pct": 101}, 1, "why", "churn_part"),
        ({**STRICT, "margin_pct": 41}, 0, "why", "churn_changed"),
        ({**STRICT, "margin_pct": 41}, 1, "  ", "reason_missing"),
    ],
)
def test_what_cannot_be_is_refused(
    database: Database, values: dict[str, int], based_on: int, reason: str, code: str
) -> None:
    change(database, STRICT)
    with pytest.raises(CrmError) as refused:
        change(database, values, based_on, reason)
    assert refused.value.code == code


def test_the_last_promotion_of_a_type_counts(database: Database) -> None:
    for minutes, version in enumerate(("person-a", "person-b")):
        with database.begin() as session:
            churn_models.promote(
                session, "person", version, {"person-a", "person-b"}, SYSTEM, later(minutes=minutes), "better"
            )
    with database.read() as session:
        (told,) = churn_models.wishes(session).promotions
    assert (told.version, told.login) == ("person-b", SYSTEM.login)
    with database.begin() as session, pytest.raises(CrmError) as refused:
        churn_models.promote(session, "person", "person-c", {"person-a"}, SYSTEM, NOW, "better")
    assert refused.value.code == "model_version"
