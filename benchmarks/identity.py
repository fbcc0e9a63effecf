"""Precision and recall of identity resolution against the simulator's planted truth.

`python -m benchmarks.identity --home var`: resolves the party records of the last pipeline run anew, aside, takes the
time and compares. The truth is read here only; the product never sees it.
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from parties import ResolutionReport, resolve
from parties.model import load_model

RECORDS = "intermediate.int_party_records"


@dataclass(frozen=True)
class Score:
    """Pairs of records of one party: planted, found, and both; of one group or of all."""

    group: str
    planted: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """Share of the found pairs that are right; 1 when nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the planted pairs that were found; 1 when nothing was planted."""
        return self.right / self.planted if self.planted else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


# Every two records of one true party are held against every two of one resolved party. Records that quarantine kept
# out cannot be resolved and are not counted.
_SCORES_SQL = """
with truth as (
    select distinct source, source_id, true_party_id from (
        select source_l as source, source_id_l as source_id, true_party_id from read_parquet($truth)
        union all select source_r, source_id_r, true_party_id from read_parquet($truth))
), known as (
    select m.source, m.source_id, m.party_id, p.kind,
           -- a record that the truth does not name is a party of its own
           coalesce(t.true_party_id::varchar, m.source || ':' || m.source_id) as true_party
    from {members} m join {records} p using (source, source_id) left join truth t using (source, source_id)
), pairs as (
    select l.source as source_l, l.source_id as id_l, r.source as source_r, r.source_id as id_r, l.kind
    from known l join known r on l.true_party = r.true_party and (l.source, l.source_id) < (r.source, r.source_id)
    union
    select l.source, l.source_id, r.source, r.source_id, l.kind
    from known l join known r on l.party_id = r.party_id and (l.source, l.source_id) < (r.source, r.source_id)
), judged as (
    select p.kind || ' ' || p.source_l || '-' || p.source_r as pair_group,
           l.true_party = r.true_party as is_planted, l.party_id = r.party_id as is_found
    from pairs p join known l on (l.source, l.source_id) = (p.source_l, p.id_l)
    join known r on (r.source, r.source_id) = (p.source_r, p.id_r)
)
select coalesce(pair_group, 'all'), count(*) filter (is_planted), count(*) filter (is_found),
       count(*) filter (is_planted and is_found)
from judged group by rollup (pair_group) order by pair_group nulls last
"""


def measure(con: duckdb.DuckDBPyConnection, truth: Path, records: str, schema: str = "resolved") -> list[Score]:
    """Scores by kind and pair of sources, the last one over all."""
    query = _SCORES_SQL.format(members=f"{schema}.party_members", records=records)
    return [Score(*row) for row in con.execute(query, {"truth": str(truth)}).fetchall()]


def run(home: Path) -> tuple[ResolutionReport, list[Score], float]:
    """Resolve the party records of a home's build in full, aside, and score them; seconds are of resolving."""
    with duckdb.connect() as con:
        build = str(home / "build" / "build.duckdb").replace("'", "''")
        con.execute(f"attach '{build}' as build (read_only)")
        con.execute(f"create table records as select * from build.{RECORDS}")
        con.execute("detach build")
        started = time.perf_counter()
        report = resolve(con, "records", model=load_model(), full_refresh=True)
        seconds = time.perf_counter() - started
        return report, measure(con, home / "truth" / "identity_pairs.parquet", "records"), seconds


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("var"))
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args()
    report, scores, seconds = run(options.home)
    if options.json:
        told = [{**asdict(s), "precision": s.precision, "recall": s.recall, "f1": s.f1} for s in scores]
        print(json.dumps({"seconds": seconds, "report": asdict(report), "scores": told}))
        return
    print(f"{'pairs':<32}{'planted':>9}{'found':>9}{'precision':>11}{'recall':>9}{'F1':>9}")
    for s in scores:
        print(f"{s.group:<32}{s.planted:>9}{s.found:>9}{s.precision:>11.4f}{s.recall:>9.4f}{s.f1:>9.4f}")
    print(f"{report.records} records, {report.compared_pairs} pairs compared, {seconds:.1f} s")
    print(f"matches by rule: {report.matches_by_rule}\nfor review: {report.reviews_by_reason}")


if __name__ == "__main__":
    main()
