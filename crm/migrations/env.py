"""Runs migrations on the connection that `Database.upgrade` gives; there is no other way in."""

from alembic import context

from crm.models import Base

connection = context.config.attributes["connection"]
# Batch mode: SQLite cannot alter a table in place.
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
