"""An audience at the moment its campaign begins: who is in it, with whom he is drawn together, in which group; who
is left out and why. The same snapshot, definition and campaign give the same answer, on any machine."""

import datetime as dt
import json
from dataclasses import asdict
from typing import Any, Final

import duckdb
import polars as pl
import pyarrow as pa

from campaigns.control import clusters, freeze, group_on
from campaigns.flow import Flow
from campaigns.flow import parse as parse_flow
from campaigns.policy import Policy
from campaigns.policy import parse as parse_policy
from campaigns.policy.batch import Batch
from campaigns.policy.bulk import bulk
from segments.definition import fingerprint as definition_fingerprint
from segments.definition import parse as parse_segment
from segments.engine import At
from segments.errors import DefinitionError, Problem
from signals.forecast.holidays import public_holidays
from vitrina.campaign_runs.people import address_columns, has_addresses
from vitrina.campaign_runs.plan import MEMBERS, Audience, Wanted
from vitrina.members.evaluate import TABLE, evaluate
from vitrina.members.plan import Plan
from vitrina.members.plan import Wanted as WantedSegment
from vitrina.members.sources import Rows

KEY: Final = "campaign audience"
STRATA: Final = ("region", "customer_type")
COVARIATES: Final = ("tenure_months_count", "arpu_3m", "debt_amount")
_HARD: Final = ("opted_out", "no_consent", "excluded_segment", "no_address", "control_group")
FAILED: Final = "The audience cannot be evaluated: {problem}"


def take(
    wanted: Wanted, rows: Rows, snapshot: int, as_of: dt.date, moment: dt.datetime, work: duckdb.DuckDBPyConnection,
    universal: pa.Table | None = None,
) -> Audience:  # fmt: skip
    """The audience on a snapshot; `work` is a connection in memory that gets tables. `universal`: the history of the
    group that no campaign contacts. Raises `DefinitionError`."""
    flow, policy = parse_flow(wanted.flow), parse_policy(wanted.policy)
    _members(wanted, rows, as_of, work)
    _people(rows, work, clusters(rows), universal, as_of, policy)
    put_off = _left_out(wanted, flow, policy, moment, work)
    node, share = _first_control(flow)
    frame = work.sql(
        "SELECT * FROM members LEFT JOIN left_out USING (customer_id) ORDER BY customer_id"
    ).to_arrow_table()  # fmt: skip
    table, balance = _drawn(wanted.campaign, pl.DataFrame(pl.from_arrow(frame)), node, share)
    mark = definition_fingerprint(parse_segment(wanted.definition))
    return Audience(snapshot, as_of, mark, share, table, balance, put_off)


def _members(wanted: Wanted, rows: Rows, as_of: dt.date, work: duckdb.DuckDBPyConnection) -> None:
    plan = Plan({KEY: WantedSegment(0, wanted.definition)}, (KEY,), wanted.segments)
    found = evaluate(plan, rows, At.current(as_of), work)
    if KEY in found.failed:
        raise DefinitionError([Problem(("audience",), FAILED, {"problem": found.failed[KEY]})])
    if wanted.only is not None:
        only = pa.table({"customer_id": pa.array(list(wanted.only), pa.int64())})
        work.register("only_these", only)
        work.execute(f"DELETE FROM {TABLE} WHERE customer_id NOT IN (SELECT customer_id FROM only_these)")
        work.unregister("only_these")


def _people(
    rows: Rows, work: duckdb.DuckDBPyConnection, tied: pa.Table, universal: pa.Table | None, as_of: dt.date,
    policy: Policy,
) -> None:  # fmt: skip
    """Table `members`: a row a member, with all that groups and the policy ask for."""
    covariates = ", ".join(f"CAST({name} AS DOUBLE) AS {name}" for name in COVARIATES)
    query = f"""SELECT customer_id, region_code AS region, manager_id, customer_type, {covariates},
        coalesce(has_marketing_consent, false) AS has_consent, {address_columns(rows.tables)}
        FROM customer_profiles"""
    work.register("profiles", rows.stream(query))
    work.register("tied", tied)
    alone = group_on(universal, as_of) if universal is not None else None
    work.register(
        "alone", alone if alone is not None else pa.table({"customer_id": [], "is_control": []}, schema=_ALONE)
    )
    shut = rows.query(
        "SELECT customer_id, min(segment_key) AS excluded_segment FROM segment_memberships"
        " WHERE list_contains($keys, segment_key) GROUP BY customer_id",
        {"keys": list(policy.exclude_segments)},
    ) if policy.exclude_segments and "segment_memberships" in rows.tables else _SHUT.empty_table()  # fmt: skip
    work.register("shut", shut)
    work.execute(
        f"""CREATE OR REPLACE TABLE members AS
            SELECT p.*, coalesce(t.cluster_id, p.customer_id) AS cluster_id,
              coalesce(a.is_control, false) AS is_universal, s.excluded_segment
            FROM profiles AS p SEMI JOIN {TABLE} USING (customer_id)
            LEFT JOIN tied AS t USING (customer_id) LEFT JOIN alone AS a USING (customer_id)
            LEFT JOIN shut AS s USING (customer_id)"""
    )
    for name in ("profiles", "tied", "alone", "shut"):
        work.unregister(name)


_ALONE: Final = pa.schema({"customer_id": pa.int64(), "is_control": pa.bool_()})
_SHUT: Final = pa.schema({"customer_id": pa.int64(), "excluded_segment": pa.string()})


def _left_out(
    wanted: Wanted, flow: Flow, policy: Policy, moment: dt.datetime, work: duckdb.DuckDBPyConnection
) -> dict[str, int]:
    """Table `left_out` (customer_id, left_reason): whom no channel of the flow may ever contact, by `campaigns.policy`;
    the answer counts those who would have to wait, by reason."""
    work.register("opt_outs", wanted.opt_outs)
    work.register("contacts", wanted.contacts)
    channels = channels_of(flow)
    work.execute("CREATE OR REPLACE TABLE left_out (customer_id BIGINT, left_reason VARCHAR)")
    work.execute("INSERT INTO left_out SELECT customer_id, 'control_group' FROM members WHERE is_universal")
    put_off: dict[str, int] = {}
    day = moment.date()
    holidays = public_holidays(day, day + dt.timedelta(days=policy.defer_days + 2))
    for place, channel in enumerate(channels):
        work.execute(
            f"""CREATE OR REPLACE TEMP VIEW audience AS SELECT customer_id, cluster_id, region,
                CASE WHEN is_universal THEN 'universal' END AS control,
                customer_id IN (SELECT customer_id FROM opt_outs WHERE channel IN ('all', '{channel}')
                  AND category IN ('all', '{wanted.category}')) AS opted_out,
                has_consent, excluded_segment, {has_addresses(channel)} AS has_address FROM members"""
        )
        asked = Batch(channel, wanted.category, wanted.campaign, wanted.priority, moment, holidays)
        work.register(f"judged_{place}", bulk(work, policy, asked).to_arrow())
        for verdict, reason, count in work.execute(
            f"SELECT verdict, reason, count(*) FROM judged_{place} WHERE verdict <> 'allowed' GROUP BY ALL"
        ).fetchall():
            if reason not in _HARD:
                put_off[f"{channel}:{verdict}:{reason}"] = count
    if channels:
        hard = ", ".join(f"'{each}'" for each in _HARD)
        barred = " ".join(
            f"SEMI JOIN (SELECT customer_id FROM judged_{place} WHERE verdict = 'refused' AND reason IN ({hard}))"
            f" AS j{place} USING (customer_id)" for place in range(1, len(channels))
        )  # fmt: skip
        work.execute(
            f"""INSERT INTO left_out SELECT customer_id, reason FROM judged_0 AS j0 {barred}
                WHERE verdict = 'refused' AND reason IN ({hard}) AND reason <> 'control_group'"""
        )
    for place in range(len(channels)):
        work.unregister(f"judged_{place}")
    work.execute("DROP VIEW IF EXISTS audience")
    work.unregister("opt_outs")
    work.unregister("contacts")
    return put_off


def channels_of(flow: Flow) -> list[str]:
    """Channels through which a flow may contact somebody, in the order of their names."""
    found: set[str] = set()
    for node in flow.nodes:
        if node.kind == "message":
            found.add(node.data.channel)  # type: ignore[union-attr]
        elif node.kind == "fallback":
            found |= {step.channel for step in node.data.steps}  # type: ignore[union-attr]
        elif node.kind == "call_register":
            found.add("call")
    return sorted(found)


def _first_control(flow: Flow) -> tuple[str | None, float]:
    """The control group that everybody comes to first is drawn here, within strata; others are drawn by the walk."""
    node = flow.by_id.get(flow.targets.get((flow.start, "next"), ""))
    if node is None or node.kind != "control":
        return None, 0.0
    return node.id, float(node.data.share_pct)  # type: ignore[union-attr]


def _drawn(
    campaign: str, members: pl.DataFrame, node: str | None, share: float
) -> tuple[pa.Table, dict[str, Any] | None]:  # fmt: skip
    reason = pl.col("left_reason").fill_null("")
    arm = (
        pl.when(pl.col("is_universal")).then(pl.lit("universal"))
        .when(reason != "").then(pl.lit("excluded"))
        .otherwise(pl.lit("contacted"))
    )  # fmt: skip
    members = members.with_columns(arm=arm, reason=reason)
    balance: dict[str, Any] | None = None
    way = pl.lit(None, pl.String)
    if node is not None:
        eligible = members.filter(pl.col("arm") == "contacted")
        columns = ["customer_id", *STRATA, *COVARIATES]
        drawn = freeze(
            eligible.select(columns), eligible.select("customer_id", "cluster_id"), f"{campaign}:{node}", share,
            STRATA, COVARIATES,
        )  # fmt: skip
        balance = json.loads(json.dumps(asdict(drawn.balance), default=str))
        flags = pl.DataFrame(pl.from_arrow(drawn.assigned)).select("customer_id", "is_control")
        members = members.join(flags, on="customer_id", how="left", maintain_order="left")
        members = members.with_columns(
            arm=pl.when(pl.col("is_control")).then(pl.lit("control")).otherwise(pl.col("arm"))
        )
        ports = {port: json.dumps({"a": {node: port}}) for port in ("control", "contacted")}
        way = pl.col("arm").replace_strict(ports, default=None, return_dtype=pl.String)
    found = members.with_columns(way=way).select(MEMBERS.names).sort("customer_id")
    return found.to_arrow().cast(MEMBERS), balance
