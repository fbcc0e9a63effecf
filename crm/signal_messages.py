"""The sentences of signals, tasks, notices and digests by code; `crm.messages` takes them into its own tables."""

MESSAGES: dict[str, str] = {
    "viewing_only": "You are looking through another person's eyes: nothing can be changed.",
    "rule_unknown": "There is no signal rule {rule}, or you may not see it.",
    "rule_out_of_reach": "Your role does not let you change this rule.",
    "rule_release": "Your role does not let you put this rule on trial or in use; ask who may.",
    "rule_changed": "{login} saved this rule in the meantime. Nothing was overwritten: look again, then save.",
    "rule_archived": "In the archive, to be brought back first: {rule}.",
    "rule_state": "This rule is {status}; that cannot be done with it.",
    "rule_key_taken": "There is a rule with the key {key} already.",
    "rule_version_unknown": "There is no version {version} of this rule.",
    "rule_no_backtest": "Replay the rule on the past first: this version has no figures yet.",
    "rule_employee": "There is no employee {employee} who works here.",
    "signal_unknown": "There is no such signal, or you may not see it.",
    "signal_out_of_reach": "You may not decide on this signal.",
    "signal_closed": "This signal is closed.",
    "signal_decision": "A decision is “reacted” or “ignored”, not {decision}.",
    "signal_reason": "Choose a reason from the list; {reason} is not in it.",
    "signal_comment": "Say in a few words why: this reason needs a comment.",
    "signal_snooze": "A signal sleeps from tomorrow on, for at most {days} days.",
    "signal_not_decided": "This signal was neither decided nor put to sleep.",
    "task_unknown": "There is no such task, or you may not see it.",
    "task_out_of_reach": "You may not change this task.",
    "task_title": "A task needs a title.",
    "task_kind": "A task is a call, a meeting, an e-mail, an offer or something else; not {kind}.",
    "task_priority": "A priority is high, medium or low; not {priority}.",
    "task_assignee": "You may not give tasks to the employee {employee}.",
    "task_reminder": "A reminder comes before the task is due.",
    "task_state": "This task is {state} already.",
    "task_changed": "{login} changed this task in the meantime. Look again, then save.",
    "task_result": "Say what came of it.",
    "notice_kind": "There is no kind of notice {kind}.",
    "digest_choice": "A digest comes daily, weekly or not at all; not {digest}.",
    "digest_time": "A digest is sent at an hour from 0 to 23, weekly ones on a weekday from 1 to 7.",
    "mail_not_set": "No mail server is set: VITRINA_MAIL__HOST and VITRINA_MAIL__SENDER.",
}

NOTICES: dict[str, str] = {
    "signals_raised": "New signals by the rule “{rule}”: {count}.",
    "signals_again": "Signals that became worse, by the rule “{rule}”: {count}.",
    "signals_for_group": "Signals for your department by the rule “{rule}”: {count}.",
    "signals_woken": "Signals that you put to sleep are back: {count}.",
    "rule_failed": "The signal rule “{rule}” could not be evaluated.",
    "rule_overloaded": "The rule “{rule}” found more than its limits let through: {count} held back.",
    "task_given": "{login} gave you a task: “{title}”.",
    "task_reminder": "Soon due: “{title}”.",
    "task_overdue": "Overdue: “{title}”.",
    "task_done": "{login} finished the task “{title}”.",
    "task_cancelled": "{login} cancelled the task “{title}”.",
}

# How a kind of notice is called where one chooses what one is told.
NOTICE_KINDS: dict[str, str] = {
    "signals_raised": "New signals of mine",
    "signals_again": "Signals that became worse",
    "signals_for_group": "Signals for my department",
    "signals_woken": "Signals that wake up again",
    "rule_failed": "My signal rules that failed",
    "rule_overloaded": "My signal rules that reach their limits",
    "task_given": "Tasks given to me",
    "task_reminder": "Reminders of my tasks",
    "task_overdue": "My overdue tasks",
    "task_done": "Tasks of mine that others finished",
    "task_cancelled": "Tasks that were cancelled",
    "segment_emptied": "Segments held back: empty",
    "segment_small": "Segments held back: too small",
    "segment_jumped": "Segments held back: size jumped",
    "segment_failed": "Segments that failed",
    "review_asked": "Requests for my review",
    "review_approved": "My changes approved",
    "review_returned": "My changes returned",
    "list_ready": "Lists that are ready",
    "list_failed": "Lists that failed",
    "export_ready": "Files that are ready",
    "export_failed": "Files that failed",
}

# What was done about a signal, and why one was let be. "other" needs a comment.
REACTIONS: dict[str, str] = {
    "called": "Called the customer",
    "met": "Met the customer",
    "wrote": "Wrote to the customer",
    "offer_made": "Made an offer",
    "tariff_changed": "Changed the tariff",
    "payment_agreed": "Agreed on a payment",
    "task_planned": "Planned a task",
    "handed_over": "Handed over to a colleague",
    "other": "Something else",
}
IGNORES: dict[str, str] = {
    "known": "Known and agreed with the customer",
    "seasonal": "Usual for the season",
    "wrong_data": "The data is wrong",
    "not_important": "Of no importance",
    "already_left": "The customer has already left",
    "in_work": "Already being worked on",
    "other": "Something else",
}
CLOSED_BECAUSE: dict[str, str] = {
    "cause_gone": "The cause is gone",
    "rule_archived": "Its rule was put into the archive",
    "customer_gone": "The customer is no longer there",
}
HELD_BECAUSE: dict[str, str] = {
    "open": "There is an open signal",
    "cooling": "Raised not long ago",
    "snoozed": "Put to sleep",
    "owner_limit": "Beyond the limit of a day for one person",
    "day_limit": "Beyond the limit of a day",
    "shadow": "The rule is on trial",
}
SIGNAL_STATES: dict[str, str] = {
    "open": "New signal",
    "seen": "Seen",
    "decided": "Decided",
    "snoozed": "Asleep",
    "closed": "Closed",
}
RULE_STATES: dict[str, str] = {
    "draft": "Draft of a rule",
    "shadow": "On trial",
    "live": "In use",
    "paused": "Paused",
    "archived": "In the archive",
}
TASK_KINDS: dict[str, str] = {
    "call": "Call",
    "meeting": "Meeting",
    "email": "E-mail",
    "offer": "Offer",
    "other": "Other task",
}
TASK_STATES: dict[str, str] = {"open": "To do", "done": "Done", "cancelled": "Cancelled"}
PRIORITIES: dict[str, str] = {"high": "High priority", "medium": "Medium priority", "low": "Low priority"}
OUTCOMES: dict[str, str] = {"churn": "Left", "revenue_fall": "Pays less", "non_payment": "Did not pay"}
DIGEST_CHOICES: dict[str, str] = {"off": "No e-mail", "daily": "Every working day", "weekly": "Once a week"}

# The e-mail itself.
MAIL: dict[str, str] = {
    "subject": "Vitrina: {signals} open signals, {tasks} tasks due",
    "greeting": "Good day, {name}!",
    "signals": "Your open signals: {count}, of them of high priority: {high}, not yet seen: {unseen}.",
    "by_rule": "By the rule “{rule}”: {count}",
    "tasks": "Your tasks: overdue {overdue}, due today {today}, coming {coming}.",
    "notices": "Not read yet:",
    "more": "and {count} more",
    "footer": "You chose to get this e-mail; that can be changed in the workspace under notices.",
}

WORDS: tuple[dict[str, str], ...] = (
    NOTICE_KINDS, REACTIONS, IGNORES, CLOSED_BECAUSE, HELD_BECAUSE, SIGNAL_STATES, RULE_STATES, TASK_KINDS, TASK_STATES,
    PRIORITIES, OUTCOMES, DIGEST_CHOICES, MAIL,
)  # fmt: skip
