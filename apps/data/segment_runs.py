"""Computing one segment because somebody asks, on what is published; who is in it is published at once."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache

from apps.services import Services
from crm.services.segments.keeper import Keeper
from vitrina.members.refresh import refresh_published


def run_now(shared: Services, key: str) -> None:
    """Compute a published segment and publish its members; waits for others who compute. Raises what hinders it."""
    keeper = Keeper(shared.database, shared.settings.segments, shared.now)
    refresh_published(shared.settings, keeper, shared.now(), [key])


def begin_run(shared: Services, key: str) -> Future[None]:
    """The same in the background."""
    return _thread().submit(run_now, shared, key)


@lru_cache(maxsize=1)
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="segment-run")
