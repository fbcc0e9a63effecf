"""Dagster wiring, and nothing else.

Belongs here: assets of about ten lines around a function of `ingest`, `parties` or `vitrina`; checks, sensors,
schedules, jobs; `build_definitions`, the one function that production and tests share. Does not belong here:
anything that would be useful without Dagster.
"""

import warnings

import dagster as dg

# Parts of Dagster that we use on purpose are marked beta; the version is pinned, the notice is noise to a person.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
# Assets with and without months share one job; Dagster warns that their backfill policies differ, as they must.
warnings.filterwarnings("ignore", message=".*varying BackfillPolicies.*")
