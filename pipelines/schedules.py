"""Work that is done every few minutes, beside the runs."""

import dagster as dg


def every_few_minutes(op: dg.OpDefinition, name: str, cron: str, timezone: str) -> dg.ScheduleDefinition:
    """A job of one op on a schedule that is on from the start: people set times on the screen and expect them kept, and
    nobody of them can switch a schedule on in here."""

    @dg.job(name=name, executor_def=dg.in_process_executor)
    def job() -> None:
        op()

    return dg.ScheduleDefinition(
        name=name, job=job, cron_schedule=cron, execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )  # fmt: skip
