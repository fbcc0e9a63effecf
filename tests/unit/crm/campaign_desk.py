"""A marketing department for tests: people, templates, routes, budgets, and a campaign ready to be approved."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from company import link, load
from crm_people import NOW, SYSTEM, acting, add_user

from crm.database import Database
from crm.services.accounts import UserInfo
from crm.services.actor import Actor
from crm.services.campaigns import approvals, budgets, kpis, register, routes, stages, templates, writing
from crm.services.campaigns.budgets import BudgetNeed
from crm.services.campaigns.values import CampaignInfo, Kpi

FIRST, LAST = dt.date(2026, 12, 1), dt.date(2026, 12, 31)
MONTH = dt.date(2026, 12, 1)
DECEMBER = dt.datetime(2026, 12, 5, 9, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class People:
    """Aziza and Bobur write campaigns; Dilnoza heads marketing, Farhod is the commercial director."""

    aziza: UserInfo
    bobur: UserInfo
    dilnoza: UserInfo
    farhod: UserInfo


def people(database: Database) -> People:
    """The department, linked to employees of the company."""
    load(database)
    found = People(
        add_user(database, "aziza", "marketing_specialist"), add_user(database, "bobur", "marketing_specialist"),
        add_user(database, "dilnoza", "head_of_marketing"), add_user(database, "farhod", "commercial_director"),
    )  # fmt: skip
    for number, each in enumerate((found.aziza, found.bobur, found.dilnoza, found.farhod), 2):
        link(database, each.user_id, f"E{number}")
    with database.begin() as session:
        routes.install_routes(session, SYSTEM, NOW)
    return found


def flow(template: str = "hello", channel: str = "sms") -> dict[str, Any]:
    """Everybody of the audience gets one message."""
    return {
        "version": 1,
        "nodes": [
            {"id": "n1", "kind": "audience", "position": {"x": 0, "y": 0}, "data": {}},
            {"id": "n2", "kind": "message", "position": {"x": 0, "y": 100},
             "data": {"channel": channel, "template": template}},
            {"id": "n3", "kind": "end", "position": {"x": 0, "y": 200}, "data": {"reason": "done"}},
        ],
        "edges": [
            {"source": "n1", "port": "next", "target": "n2"}, {"source": "n2", "port": "next", "target": "n3"}
        ],
    }  # fmt: skip


AUDIENCE = {
    "definition": {"combinator": "and", "rules": [{"kind": "attribute", "field": "age_years", "operator": ">",
                                                    "value": 30}]},
    "enter": "once",
}  # fmt: skip


def template(database: Database, actor: Actor = SYSTEM, key: str = "hello", channel: str = "sms") -> None:
    """A published template."""
    texts = {language: {"text": "Hello, {{ first_name | default_text('friend') }}!"} for language in ("ru", "uz")}
    with database.begin() as session:
        templates.create_template(session, f"Template {key}", channel, texts, actor, NOW, key=key)
        templates.publish_template(session, key, actor, NOW, "test")


def limit(database: Database, amount: int = 1_000_000, channel: str = "") -> None:
    """A budget for December."""
    with database.begin() as session:
        budgets.set_limit(session, "month", MONTH, amount, SYSTEM, NOW, "test", channel=channel)


def designed(
    database: Database, by: UserInfo, *, need: Decimal | int = 100_000, key: str = "", **more: Any
) -> CampaignInfo:  # fmt: skip
    """A campaign in design, with all that it takes."""
    fields: dict[str, Any] = {
        "goal": "More data bundles", "customer_type": "person", "audience": AUDIENCE, "flow": flow(),
        "starts_on": FIRST, "ends_on": LAST, "responsible_login": by.login, **more,
    }  # fmt: skip
    kind = fields.pop("kind", "targeted")
    with database.begin() as session:
        made = writing.create_campaign(session, "Bundles", kind, acting(by), NOW, key=key, **fields)
        kpis.set_kpis(session, made.key, [Kpi("reach", "Reach", "customers", 1000)], acting(by), NOW, base=1)
        needs = [BudgetNeed("sms", MONTH, Decimal(need))] if need else []
        budgets.set_budget(session, made.key, needs, acting(by), NOW, base=2)
        return stages.transit(session, made.key, "design", acting(by), NOW)


def submitted(database: Database, by: UserInfo, **more: Any) -> CampaignInfo:
    """A campaign that waits for its first approval."""
    made = designed(database, by, **more)
    with database.begin() as session:
        return stages.submit(session, made.key, acting(by), NOW)


def approved(database: Database, who: People, **more: Any) -> CampaignInfo:
    """A campaign that is ready to start."""
    made = submitted(database, who.aziza, **more)
    for each in (who.dilnoza, who.farhod):
        if stage(database, made.key) == "approval":
            agree(database, made.key, each)
    return look(database, made.key)


def agree(database: Database, key: str, by: UserInfo, comment: str = "") -> CampaignInfo:
    """Approve what is there now."""
    with database.begin() as session:
        seen = register.version(session, key).fingerprint
        return approvals.approve(session, key, acting(by), NOW, seen=seen, comment=comment)


def look(database: Database, key: str, now: dt.datetime = NOW) -> CampaignInfo:
    """The campaign as it is."""
    with database.read() as session:
        return register.campaign(session, None, key, now)


def stage(database: Database, key: str) -> str:
    """Where it stands."""
    return look(database, key).stage.value
