"""A frozen audience decided at once: by SQL where only the past counts, by `decide` where something is planned."""

import datetime as dt
from dataclasses import replace
from typing import Any, Final

import duckdb
import polars as pl

from campaigns.policy.batch import AUDIENCE, Batch, statement
from campaigns.policy.deciding import (
    ALL,
    Allowed,
    Contact,
    Deferred,
    Request,
    Standing,
    Verdict,
    decide,
    quiet_reason,
    values_of,
)
from campaigns.policy.moments import zone_of
from campaigns.policy.nodes import Policy
from campaigns.tables import frame

DECIDED: Final[dict[str, Any]] = {
    "customer_id": pl.Int64, "verdict": pl.String, "reason": pl.String, "rule": pl.String,
    "until": pl.Datetime("us"), "details": pl.String,
}  # fmt: skip
"""Columns of a decision: verdict allowed, deferred or refused; reason a key of `REASONS`, null where allowed; rule the
path of the cap or gap; until in UTC; details the control group, the segment or the campaign that it gives way to."""


def bulk(
    con: duckdb.DuckDBPyConnection,
    policy: Policy,
    batch: Batch,
    audience: str = "audience",
    contacts: str = "contacts",
    planned: str | None = None,
) -> pl.DataFrame:
    """What `decide` says of every member of an audience, in no order: columns `DECIDED`.

    Every member is asked for alone: two of one household may both be allowed, and the second is refused when the first
    was sent. `planned`: a relation of `CONTACTS` and `planned_priority`.
    """
    asked = statement(policy, batch, audience, contacts)
    found = _frame(con, asked.sql, asked.parameters)
    touched = _touched(con, batch, audience, contacts, planned)
    if not touched.height:
        return found
    again = _one_by_one(con, policy, batch, touched, contacts, planned)
    return pl.concat([found.join(again, on="customer_id", how="anti"), again])


def reason_values(policy: Policy, batch: Batch, decision: dict[str, Any], region: str | None = None) -> dict[str, Any]:
    """The `values` of a verdict, from a row of `bulk`: what `reason_in_words` fills its places with."""
    reason, rule = decision["reason"], decision["rule"]
    values: dict[str, Any] = {}
    if rule:
        values = values_of(policy, rule)
    elif reason in ("quiet_hours", "day_off"):
        values = quiet_reason(policy, zone_of(policy, region), batch.moment, batch.holidays)[1]
    names = {"control_group": "group", "excluded_segment": "segment", "higher_priority": "campaign"}
    if reason in names:
        values[names[reason]] = decision["details"]
    if reason in ("opted_out", "no_address"):
        values["channel"] = batch.channel
    if reason in ("opted_out", "no_consent"):
        values["category"] = batch.category
    return values


def _frame(con: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> pl.DataFrame:
    return frame(con.sql(sql, params=parameters).to_arrow_table())


def _touched(
    con: duckdb.DuckDBPyConnection, batch: Batch, audience: str, contacts: str, planned: str | None
) -> pl.DataFrame:
    """Members for whom, or for whose cluster, something lies in the future."""
    moment = batch.moment.astimezone(dt.UTC).replace(tzinfo=None)
    ahead = [f'SELECT customer_id, cluster_id FROM {contacts} WHERE "at" > $moment']
    parameters: dict[str, Any] = {"moment": moment}
    if planned is not None:
        ahead.append(f"SELECT customer_id, cluster_id FROM {planned} WHERE planned_priority > $priority")
        parameters["priority"] = batch.priority
    return _frame(
        con,
        f"WITH ahead AS ({' UNION ALL '.join(ahead)}) SELECT {', '.join(AUDIENCE)} FROM {audience} "
        "WHERE customer_id IN (SELECT customer_id FROM ahead) OR cluster_id IN (SELECT cluster_id FROM ahead)",
        parameters,
    )


def _one_by_one(
    con: duckdb.DuckDBPyConnection, policy: Policy, batch: Batch, members: pl.DataFrame, contacts: str,
    planned: str | None,
) -> pl.DataFrame:  # fmt: skip
    histories = _histories(con, policy, batch, members, contacts, planned)
    rows = []
    for member in members.iter_rows(named=True):
        request = Request(
            member["customer_id"], member["cluster_id"], batch.channel, batch.category, batch.campaign_key,
            batch.priority, batch.moment, member["region"],
        )  # fmt: skip
        mine = histories.get(("customer_id", request.customer_id), []) + histories.get(
            ("cluster_id", request.cluster_id), []
        )
        verdict = decide(policy, request, {each.contact_id: each for each in mine}.values(), _standing(member, batch))
        rows.append(row_of(request.customer_id, verdict))
    return pl.DataFrame(rows, schema=DECIDED, orient="row")


def _histories(
    con: duckdb.DuckDBPyConnection,
    policy: Policy,
    batch: Batch,
    members: pl.DataFrame,
    contacts: str,
    planned: str | None,
) -> dict[tuple[str, int], list[Contact]]:
    columns = 'contact_id, customer_id, cluster_id, channel, category, campaign_key, "at"'
    sources = [f'SELECT {columns}, NULL::INTEGER AS planned_priority FROM {contacts} WHERE "at" >= $since']
    if planned is not None:
        sources.append(f"SELECT {columns}, planned_priority FROM {planned}")
    since = (batch.moment - policy.memory).astimezone(dt.UTC).replace(tzinfo=None)
    con.register("_members", members)
    try:
        found = con.execute(
            f"SELECT * FROM ({' UNION ALL '.join(sources)}) WHERE customer_id IN (SELECT customer_id FROM _members) "
            "OR cluster_id IN (SELECT cluster_id FROM _members)",
            {"since": since},
        ).fetchall()
    finally:
        con.unregister("_members")
    histories: dict[tuple[str, int], list[Contact]] = {}
    for identity, customer, cluster, channel, category, campaign, at, priority in found:
        each = Contact(
            str(identity), customer, cluster, channel, category, campaign, at.replace(tzinfo=dt.UTC), priority
        )
        histories.setdefault(("customer_id", customer), []).append(each)
        histories.setdefault(("cluster_id", cluster), []).append(replace(each))
    return histories


def _standing(member: dict[str, Any], batch: Batch) -> Standing:
    return Standing(
        frozenset({batch.category}) if member["has_consent"] else frozenset(),
        frozenset({(ALL, ALL)}) if member["opted_out"] else frozenset(),
        frozenset({member["excluded_segment"]}) if member["excluded_segment"] is not None else frozenset(),
        frozenset({member["control"]}) if member["control"] is not None else frozenset(),
        frozenset({batch.channel}) if member["has_address"] else frozenset(),
        frozenset(batch.holidays),
    )  # fmt: skip


def row_of(customer_id: int, verdict: Verdict) -> tuple[Any, ...]:
    """A verdict as a row of `DECIDED`."""
    if isinstance(verdict, Allowed):
        return customer_id, "allowed", None, None, None, None
    values = verdict.values
    until = verdict.until.astimezone(dt.UTC).replace(tzinfo=None) if isinstance(verdict, Deferred) else None
    details = values.get("group") or values.get("segment") or values.get("campaign")
    kind = "deferred" if isinstance(verdict, Deferred) else "refused"
    return customer_id, kind, verdict.reason, values.get("rule"), until, details
