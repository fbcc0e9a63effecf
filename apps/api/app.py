"""The FastAPI application that is mounted at ``/api``; the wall has found out who asks before anything here runs."""

from fastapi import FastAPI

from apps.api import (
    audit,
    campaign_approvals,
    campaign_budgets,
    campaign_content,
    campaign_media,
    campaign_runs,
    campaigns,
    client_files,
    customer_lists,
    customers,
    exports,
    me,
    performance,
    reference,
    segment_definitions,
    segment_files,
    segment_orders,
    segment_questions,
    segment_upkeep,
    segments,
    signal_rules,
    signals,
    sql,
    tables,
    tasks,
    usage_files,
)
from apps.api.problems import add_problem_handlers

_ROUTES = (
    me, customers, tables, sql, exports, segments, segment_upkeep, segment_questions, segment_definitions,
    segment_orders, segment_files, customer_lists, client_files, usage_files, signals,
    signal_rules, tasks, performance, audit, campaigns,
    campaign_approvals, campaign_budgets, campaign_content, campaign_media, campaign_runs,
)  # fmt: skip


def make_api() -> FastAPI:
    """All routes under ``/v1``; the description (``/api/openapi.json``) is behind the sign-in like everything else."""
    # No documentation pages of FastAPI: they load their scripts from elsewhere, which the content policy forbids. Ours
    # is made of the same description.
    api = FastAPI(title="Vitrina", version="1", docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    for module in _ROUTES:
        api.include_router(module.router, prefix="/v1")
    api.include_router(reference.router)
    add_problem_handlers(api)
    return api
