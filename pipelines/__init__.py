"""Dagster wiring, and nothing else.

Belongs here: assets of about ten lines around a function of `ingest`, `parties` or `vitrina`; checks, sensors,
schedules, jobs; `build_definitions`, the one function that production and tests share. Does not belong here:
anything that would be useful without Dagster.
"""
