"""One PostgreSQL database for many tests, brought back to what it held at first: that costs less than a fresh one."""

from sqlalchemy import create_engine, text

# Rows and counters as they were at first are kept beside the tables, in a schema of their own.
_KEEP = """
DO $$
DECLARE each record;
BEGIN
  CREATE SCHEMA kept;
  FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', each.tablename);
  END LOOP;
  CREATE TABLE kept."sequences of public" AS
    SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
END $$
"""
# Rows are put back with neither foreign keys nor guards looking; guards that a test took away are there again.
_RESTORE = """
DO $$
DECLARE each record;
BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;
  FOR each IN SELECT DISTINCT tgrelid::regclass AS name FROM pg_trigger WHERE tgenabled = 'D' LOOP
    EXECUTE format('ALTER TABLE %s ENABLE TRIGGER ALL', each.name);
  END LOOP;
  FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DELETE FROM public.%I', each.tablename);
    EXECUTE format('INSERT INTO public.%1$I SELECT * FROM kept.%1$I', each.tablename);
  END LOOP;
  FOR each IN SELECT sequencename, last_value FROM kept."sequences of public" LOOP
    PERFORM setval(format('public.%I', each.sequencename), coalesce(each.last_value, 1), each.last_value IS NOT NULL);
  END LOOP;
END $$
"""


class AsDelivered:
    """A migrated database at `url`, and the way back to its first rows."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(url, isolation_level="AUTOCOMMIT")
        self._run(_KEEP)

    def restore(self) -> None:
        """End what others still do in it, and bring the rows and counters back."""
        self._run(_RESTORE)

    def close(self) -> None:
        """Let go of the server."""
        self._engine.dispose()

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))
