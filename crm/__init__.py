"""The operational database: accounts, sessions, organisation, roles, audit. Models, migrations and services.

Services return plain frozen values, never rows of the database. Not here: pages, HTTP, the orchestrator.
"""
