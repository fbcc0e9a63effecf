"""Logs as JSON lines: application, errors, security, changes. Neither personal data nor a secret reaches a file."""

from crm.logs.setup import configure

__all__ = ["configure"]
