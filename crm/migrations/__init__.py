"""Alembic migrations of the operational database, run by `Database.upgrade`."""
