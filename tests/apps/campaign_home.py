"""A home of its own with a campaign that its author has designed: text, flow, figures to reach; nobody agreed yet."""

import datetime as dt
from pathlib import Path
from typing import Any

from crm.services.accounts import user_by_login
from crm.services.actor import Actor, system
from crm.services.campaigns import kpis, policies, routes, stages, templates, writing
from crm.services.campaigns.values import Kpi
from tests.apps.people import copy_accounts, database, now

WRITER, HEAD = "marketing_specialist", "head_of_marketing"
KEY, NAME, TEXT = "bundles", "Пакеты для ушедших", "bundle-offer"
EVERYBODY = {"definition": {"combinator": "and", "rules": []}, "enter": "once"}
VARIANTS = {
    "ru": {"text": "{{ full_name | capital }}, пакет 10 ГБ за полцены: {{ page_url }}"},
    "uz": {"text": "10 GB paket yarim narxda: {{ page_url }}"},
}


def flow(template: str | None = TEXT) -> dict[str, Any]:
    """A control group, and one message to all others."""
    nodes = [
        ("audience", "audience", {}), ("control", "control", {"share_pct": 10}),
        ("offer", "message", {"channel": "sms", "template": template}), ("end", "end", {"reason": ""}),
    ]  # fmt: skip
    edges = [("audience", "next", "control"), ("control", "contacted", "offer"), ("offer", "next", "end")]
    return {
        "version": 1,
        "nodes": [{"id": key, "kind": kind, "position": {"x": 290 * at, "y": 0}, "data": data}
                  for at, (key, kind, data) in enumerate(nodes)],
        "edges": [dict(zip(("source", "port", "target"), each, strict=True)) for each in edges],
    }  # fmt: skip


def make_campaign_home(source: Path, target: Path) -> Path:
    """The accounts and the snapshot of `source`, with the campaign."""
    (target / "published").symlink_to(source / "published")
    copy_accounts(source, target)
    base, moment = database(target), now()
    with base.begin() as session:
        writer = Actor(user_by_login(session, WRITER).user_id, WRITER, "127.0.0.1")
        routes.install_routes(session, system("tests"), moment)
        policies.install_policy(session, system("tests"), moment)
        templates.create_template(session, "Предложение пакета", "sms", VARIANTS, writer, moment, key=TEXT)
        templates.publish_template(session, TEXT, writer, moment, "tests")
        today = dt.date.today()
        made = writing.create_campaign(
            session, NAME, "targeted", writer, moment, key=KEY, goal="Вернуть тех, кто перестал платить за интернет",
            customer_type="person", audience=EVERYBODY, flow=flow(), starts_on=today,
            ends_on=today + dt.timedelta(days=20), responsible_login=WRITER,
        )  # fmt: skip
        wanted = [Kpi("conversion_pct", "Conversion", "pct", 3.0)]
        kpis.set_kpis(session, KEY, wanted, writer, moment, base=made.revision)
        stages.transit(session, KEY, "design", writer, moment)
    base.close()
    return target
