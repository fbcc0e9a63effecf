"""Campaigns of the demo, led by its people through the services that the screens use: one carried out to its end by
the peers of this machine, one that runs, one that waits for its approval."""

import datetime as dt
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from vitrina.cli.campaign_runs import desk
from vitrina.cli.operational import actor
from vitrina.cli.processes import child, free_port, wait_for_port
from vitrina.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.database import Database
    from crm.services.actor import Actor

WRITER, APPROVER = "marketing_specialist", "head_of_marketing"
_REASON: Final = "demo"
_ZONE: Final = ZoneInfo("Asia/Tashkent")
_ROUNDS: Final = 25
_FIRST: Final = "more-data"
_PRICES: Final = {"sms": 85, "email": 5, "call": 900}
_LIMIT: Final = 40_000_000


class DemoClock:
    """The clock of the demo's campaigns: it begins on the last working morning, and is moved on over waits."""

    def __init__(self, now: dt.datetime) -> None:
        from signals.forecast.holidays import public_holidays

        day = now.astimezone(_ZONE).date() - dt.timedelta(days=1)
        while day.isoweekday() == 7 or public_holidays(day, day):
            day -= dt.timedelta(days=1)
        self._at, self._real = dt.datetime.combine(day, dt.time(9, 30), _ZONE).astimezone(dt.UTC), time.monotonic()

    def __call__(self) -> dt.datetime:
        return self._at + dt.timedelta(seconds=time.monotonic() - self._real)

    def move(self, **by: float) -> None:
        """Let time pass."""
        self._at += dt.timedelta(**by)


def make_campaigns(settings: Settings, database: "Database", tell: Callable[[str], None] = lambda _: None) -> int:
    """Three campaigns, the first of them sent; how many. None when there are campaigns already, or the people of the
    demo are not there."""
    from crm.services import accounts
    from crm.services.campaigns import register

    clock = DemoClock(dt.datetime.now(dt.UTC))
    with database.read() as session:
        people = {each.login: each for each in accounts.users(session)}
        if not {WRITER, APPROVER} <= people.keys() or register.campaigns(session, None, now=clock()).total:
            return 0
    writer, approver = (_acting(people[login]) for login in (WRITER, APPROVER))
    with database.begin() as session:
        _ground(session, clock(), approver)
        for key, channel, texts in _TEXTS:
            _template(session, key, channel, texts, writer, clock())
    for each in _CAMPAIGNS:
        with database.begin() as session:
            _write(session, each, writer, clock())
    for each in _CAMPAIGNS[:2]:
        with database.begin() as session:
            _approve(session, each["key"], approver, clock())
    _carry_out(settings, database, clock, approver, tell)
    return len(_CAMPAIGNS)


def _carry_out(
    settings: Settings, database: "Database", clock: DemoClock, approver: "Actor", tell: Callable[[str], None]
) -> None:
    """Start the first two and send the first to its end, by real protocols."""
    from crm.delivery.courier import run_once
    from crm.delivery.opening import open_channels, sender_options
    from crm.services.campaign_runs.keeper import CampaignKeeper
    from vitrina.campaign_runs.run import Ticker, start

    with _Peers(settings) as given:
        channels = open_channels(given.channels)
        keeper = CampaignKeeper(database, approver, tuple(channels))
        for each in _CAMPAIGNS[:2]:
            start(given, keeper, each["key"], clock(), (), _REASON)
        ticker = Ticker(given, keeper)
        try:
            with desk(given, database) as found:
                for _ in range(_ROUNDS):
                    ticker.tick(clock)
                    done = run_once(database, channels, found, sender_options(given), clock)
                    if not any(each.is_busy for each in done.values()):
                        clock.move(hours=1)
                    # Reports of the peers take a moment of real time.
                    time.sleep(0.3)
                    if _FIRST not in {campaign for campaign, _, _ in keeper.running()}:
                        tell(f"{_FIRST} is sent to its end")
                        break
        finally:
            for channel in channels.values():
                channel.close()


class _Peers:
    """The peers of the demo in a process of their own, and the settings that lead to them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: Any = None

    def __enter__(self) -> Settings:
        from simulator.channels.serving import Accounts, Ports, settings_for
        from vitrina.channel_options import ChannelOptions

        ports = Ports(*(free_port(first) for first in (2775, 2525, 8181, 8282)))
        folder = self._settings.home / "peers"
        command = [sys.executable, "-m", "vitrina.cli", "channels", "serve-peers", "--home", str(self._settings.home),
                   "--smpp", str(ports.smpp), "--smtp", str(ports.smtp), "--telegram", str(ports.telegram),
                   "--push", str(ports.push), "--seconds", "0.2"]  # fmt: skip
        self._process = child(command, self._settings.logs_dir / "peers.log", {})
        process = self._process.__enter__()
        wait_for_port(ports.smpp, process)
        wait_for_port(ports.smtp, process)
        named = settings_for(folder, ports, Accounts())
        plain: dict[str, Any] = {"public_url": "https://example.uz"}
        for name, value in named.items():
            group, option = name.removeprefix("VITRINA_CHANNELS__").split("__")
            plain.setdefault(group.lower(), {})[option.lower()] = value
        return self._settings.model_copy(update={"channels": ChannelOptions.model_validate(plain)})

    def __exit__(self, *error: Any) -> None:
        self._process.__exit__(*error)


def _ground(session: "Session", now: dt.datetime, approver: "Actor") -> None:
    """Routes, the policy, prices and the limit of the month."""
    from crm.services.campaigns import budgets, policies, routes

    month = now.astimezone(_ZONE).date().replace(day=1)
    routes.install_routes(session, actor(), now)
    policies.install_policy(session, approver, now, month - dt.timedelta(days=31))
    for channel, price in _PRICES.items():
        budgets.set_cost(session, channel, Decimal(price), month, approver, now, _REASON)
    budgets.set_limit(session, "month", month, Decimal(_LIMIT), approver, now, _REASON)


def _template(
    session: "Session", key: str, channel: str, texts: dict[str, dict[str, str]], writer: "Actor", now: dt.datetime
) -> None:
    from crm.services.campaigns import templates

    templates.create_template(session, key, channel, texts, writer, now, key=key)
    templates.publish_template(session, key, writer, now, _REASON)


def _write(session: "Session", wanted: dict[str, Any], writer: "Actor", now: dt.datetime) -> None:
    from crm.services.campaigns import budgets, kpis, stages, writing
    from crm.services.campaigns.budgets import BudgetNeed
    from crm.services.campaigns.values import Kpi

    day = now.astimezone(_ZONE).date()
    month = day.replace(day=1)
    made = writing.create_campaign(
        session, wanted["name"], wanted["kind"], writer, now, key=wanted["key"], goal=wanted["goal"],
        customer_type="person", category=wanted["category"], audience=wanted["audience"], flow=wanted["flow"],
        starts_on=day, ends_on=(month + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1),
        responsible_login=writer.login, priority=wanted["priority"],
    )  # fmt: skip
    kpis.set_kpis(session, made.key, [Kpi("reach", "Охват", "customers", 100)], writer, now, base=made.revision)
    needs = [BudgetNeed(channel, month, Decimal(need)) for channel, need in wanted["budget"].items()]
    with_kpis = made.revision + 1
    budgets.set_budget(session, made.key, needs, writer, now, base=with_kpis)
    stages.transit(session, made.key, "design", writer, now)
    stages.submit(session, made.key, writer, now)


def _approve(session: "Session", key: str, approver: "Actor", now: dt.datetime) -> None:
    from crm.services.campaigns import approvals, register

    seen = register.version(session, key).fingerprint
    approvals.approve(session, key, approver, now, seen=seen, comment=_REASON)


def _acting(user: Any) -> "Actor":
    from crm.services.actor import Actor

    return Actor(user.user_id, user.login, actor().address)


def _node(identity: str, kind: str, x: int, y: int, **data: Any) -> dict[str, Any]:
    return {"id": identity, "kind": kind, "position": {"x": x, "y": y}, "data": data}


def _edges(*edges: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"source": source, "port": port, "target": target} for source, port, target in edges]


def _rule(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"kind": "attribute", "field": name, "operator": operator, "value": value}


_TEXTS: Final[tuple[tuple[str, str, dict[str, dict[str, str]]], ...]] = (
    ("more-data-sms", "sms", {
        "ru": {"text": "{{ first_name | default_text('Добрый день') }}, пакет 10 ГБ со скидкой: {{ page_url }}"},
        "uz": {"text": "{{ first_name | default_text('Assalomu alaykum') }}, 10 GB chegirma bilan: {{ page_url }}"},
    }),
    ("more-data-email", "email", {
        "ru": {"subject": "Пакет 10 ГБ", "text": "Пакет 10 ГБ со скидкой: {{ page_url }}\n\nОтказ: {{ stop_url }}"},
        "uz": {"subject": "10 GB paket", "text": "10 GB paket: {{ page_url }}\n\nRad etish: {{ stop_url }}"},
    }),
    ("debt-sms", "sms", {
        "ru": {"text": "Задолженность {{ debt_overdue | money }} сум. Оплатите, пожалуйста: {{ page_url }}"},
        "uz": {"text": "Qarzingiz {{ debt_overdue | money }} soʻm. Toʻlang, iltimos: {{ page_url }}"},
    }),
)  # fmt: skip
_MORE_DATA: Final = {
    "version": 1,
    "nodes": [
        _node("start", "audience", 0, 0), _node("control", "control", 0, 120, share_pct=10),
        _node("offer", "fallback", 0, 240, order="given", steps=[
            {"channel": "sms", "template": "more-data-sms", "success": "delivered", "wait_minutes": 60},
            {"channel": "email", "template": "more-data-email", "success": "delivered", "wait_minutes": 120},
        ]),
        _node("answer", "wait", 0, 360, mode="until_event", response=2, of="offer", at_most_minutes=240),
        _node("yes", "end", -160, 480, reason="interest"), _node("no", "end", 160, 480, reason="no answer"),
    ],
    "edges": _edges(
        ("start", "next", "control"), ("control", "contacted", "offer"), ("offer", "reached", "answer"),
        ("offer", "not_reached", "no"), ("answer", "happened", "yes"), ("answer", "timed_out", "no"),
    ),
}  # fmt: skip
_DEBT: Final = {
    "version": 1,
    "nodes": [
        _node("start", "audience", 0, 0), _node("sms", "message", 0, 120, channel="sms", template="debt-sms"),
        _node("week", "wait", 0, 240, mode="for", minutes=7 * 24 * 60), _node("end", "end", 0, 360, reason="done"),
    ],
    "edges": _edges(("start", "next", "sms"), ("sms", "next", "week"), ("week", "next", "end")),
}  # fmt: skip
_CAMPAIGNS: Final[list[dict[str, Any]]] = [
    {
        "key": "more-data", "name": "Пакет 10 ГБ со скидкой", "kind": "targeted", "category": "marketing",
        "goal": "Продать пакеты тем, кому не хватает трафика", "priority": 60, "flow": _MORE_DATA,
        "budget": {"sms": 2_000_000, "email": 100_000},
        "audience": {"definition": {"combinator": "and", "rules": [_rule("bundle_mb_utilisation_pct", ">", 95),
                                                              _rule("region_code", "=", "1735")]},
                     "enter": "once"},
    },
    {
        "key": "debt-reminder", "name": "Напоминание о долге", "kind": "trigger", "category": "collection",
        "goal": "Вернуть просроченную задолженность", "priority": 80, "flow": _DEBT, "budget": {"sms": 1_500_000},
        "audience": {"definition": {"combinator": "and", "rules": [_rule("debt_overdue_amount", ">", 400_000)]},
                     "enter": "each_run"},
    },
    {
        "key": "more-data-winter", "name": "Пакет 10 ГБ: зима", "kind": "targeted", "category": "marketing",
        "goal": "Повторить осеннюю кампанию", "priority": 50, "flow": _MORE_DATA,
        "budget": {"sms": 3_000_000, "email": 150_000},
        "audience": {"definition": {"combinator": "and", "rules": [_rule("bundle_mb_utilisation_pct", ">", 80),
                                                              _rule("region_code", "=", "1735")]},
                     "enter": "once"},
    },
]  # fmt: skip
