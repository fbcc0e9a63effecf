"""Facts for the figures of a campaign, out of a run and its results."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from crm.services.campaign_runs.figures import Figures, NodeFigures
from crm.services.campaign_runs.kpi_facts import additional, facts
from crm.services.campaign_runs.values import RunInfo


def figures() -> Figures:
    run = RunInfo(**{name: None for name in RunInfo.__dataclass_fields__} | {"campaign": "offer", "done": (1,),
                                                                           "started_at": dt.datetime(2026, 11, 1)})  # type: ignore[arg-type]  # fmt: skip
    node = NodeFigures("n", "message", 267, 0, {}, sent=251, delivered=251, failed=16)
    return Figures(run, (), {"contacted": 267, "control": 30}, {}, (node,), {}, {1: 251, 2: 6, 3: 4})


def results(verdict: str = "better") -> dict[str, Any]:
    lift = {"outcome": "payments", "arm": "contacted", "members": 200, "lift": 50.0, "lift_low": -5.0,
            "lift_high": 105.0, "verdict": verdict}  # fmt: skip
    return {"lifts": [lift]}


def test_what_the_peer_took_and_could_not_deliver_lowers_the_share_of_the_delivered() -> None:
    told = facts(figures(), None, Decimal(0))
    assert told["delivered_pct"] == pytest.approx(100 * 251 / 267)
    assert told["conversion_pct"] == pytest.approx(100 * 4 / 267)
    assert "sac" not in told
    assert "romi_pct" not in told


def test_revenue_and_romi_are_those_beyond_the_control_group() -> None:
    told = facts(figures(), results(), Decimal(4000))
    assert (told["revenue"], told["romi_pct"], told["sac"]) == (10_000, 150, 1000)
    assert additional(results(), "payments") == (10_000, -1000, 21_000)


@pytest.mark.parametrize("verdict", ["too_few", "sample_ratio_fault"])
def test_what_cannot_be_judged_is_no_figure(verdict: str) -> None:
    assert additional(results(verdict), "payments") is None
    assert "revenue" not in facts(figures(), results(verdict), Decimal(4000))
