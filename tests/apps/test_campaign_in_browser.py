"""A campaign led in the browser: its author draws a step into the flow and asks, a second person looks and agrees."""

import os
from pathlib import Path
from typing import Any

import pytest

from apps.components.flow_editor import is_built
from crm.services.campaigns import register
from crm.services.campaigns.values import CampaignInfo, Stage
from tests.apps.browser import served, watched_tab
from tests.apps.campaign_home import HEAD, KEY, WRITER, make_campaign_home
from tests.apps.people import database, now

# The words of tabs and buttons; the suite runs the first language, `make campaigns-browser` all.
WORDS = {
    "ru": ("Сценарий", "Сохранить сценарий", "Сценарий сохранён", "Отправить на согласование", "Согласование",
           "Согласовать"),
    "uz": ("Ssenariy", "Ssenariyni saqlash", "Ssenariy saqlandi", "Kelishuvga yuborish", "Kelishuv", "Tasdiqlash"),
    "en": ("Flow", "Save flow", "The flow is saved", "Ask for approval", "Approval", "Approve"),
}  # fmt: skip
LANGUAGES = os.environ.get("CAMPAIGN_LANGUAGES", "ru").split()
PATIENCE = 60_000


def kept(home: Path) -> CampaignInfo:
    base = database(home)
    with base.read() as session:
        found = register.campaign(session, None, KEY, now())
    base.close()
    return found


def draw_a_wait(tab: Any, flow: str) -> None:
    """After the message that is chosen; and take it back."""
    tab.get_by_role("tab", name=flow).click(timeout=PATIENCE)
    tab.locator("[data-node=offer]").click(timeout=PATIENCE)
    tab.locator("[data-kind=wait]").click()
    tab.locator(".box.wait").wait_for(timeout=PATIENCE)
    assert tab.locator(".box").count() == 5
    tab.keyboard.press("Control+z")
    tab.locator(".box.wait").wait_for(state="detached", timeout=PATIENCE)


@pytest.mark.skipif(not is_built(), reason="the editor is not built here (make setup)")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flow_is_drawn_and_a_second_person_agrees(small_home: Path, tmp_path: Path, language: str) -> None:
    home = make_campaign_home(small_home, tmp_path)
    flow, save, saved, submit, approval, approve = WORDS[language]
    with served(home) as address:
        with watched_tab(address, home, WRITER) as tab:
            tab.goto(f"{address}/campaign?key={KEY}&lang={language}", timeout=PATIENCE)
            draw_a_wait(tab, flow)
            tab.locator("[data-node=control]").click()
            tab.locator(".side input").first.fill("20")
            tab.get_by_role("button", name=save).click(timeout=PATIENCE)
            tab.get_by_text(saved).wait_for(timeout=PATIENCE)
            tab.get_by_role("button", name=submit).click(timeout=PATIENCE)
            tab.get_by_role("button", name=submit).wait_for(state="detached", timeout=PATIENCE)
        assert kept(home).stage is Stage.APPROVAL
        assert kept(home).flow["nodes"][1]["data"] == {"share_pct": 20}  # type: ignore[index]
        with watched_tab(address, home, HEAD) as tab:
            tab.goto(f"{address}/campaign?key={KEY}&lang={language}", timeout=PATIENCE)
            tab.get_by_role("tab", name=approval).click(timeout=PATIENCE)
            tab.get_by_role("button", name=approve, exact=True).click(timeout=PATIENCE)
            tab.get_by_role("button", name=approve, exact=True).wait_for(state="detached", timeout=PATIENCE)
        assert kept(home).stage is Stage.READY
