"""Tasks: what somebody has to do by when; written, changed, done, listed by when they are due, reminded of.

Every service is given the rights of who asks (None: the machine's own administrator), and refuses what they do not
reach.
"""

from crm.services.tasks.listing import calendar, task, task_counts, task_history, tasks, tasks_of_customer
from crm.services.tasks.reminding import remind
from crm.services.tasks.values import CalendarDay, TaskEventInfo, TaskFilter, TaskInfo, TaskKind, TaskState, Window
from crm.services.tasks.writing import cancel, change, complete, create, reopen

__all__ = [
    "CalendarDay", "TaskEventInfo", "TaskFilter", "TaskInfo", "TaskKind", "TaskState", "Window", "calendar", "cancel",
    "change", "complete", "create", "remind", "reopen", "task", "task_counts", "task_history", "tasks",
    "tasks_of_customer",
]  # fmt: skip
