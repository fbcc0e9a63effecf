"""Signals as people work with them: rules and their life, the inbox and decisions, figures.

Services of rules ask nobody's rights: callers ask `require_rule_view`, `require_rule_edit`, `require_rule_release`
first, in the same session. Those of signals are given the rights themselves. Not here: what a rule means (`signals`)
and what numbers it looks at (the marts).
"""

from crm.services.signals.access import (
    Reach,
    may_edit_rule,
    may_release_rule,
    reach,
    require_rule_edit,
    require_rule_release,
    require_rule_view,
)
from crm.services.signals.checking import RuleAuthor, checked, hidden_from_author
from crm.services.signals.desk import assign, decide, reopen, see, snooze, wake
from crm.services.signals.drafts import create_rule, record_backtest, restore_rule, save_rule
from crm.services.signals.figures import figures
from crm.services.signals.inbox import (
    counts,
    held_back,
    history,
    inbox,
    runs,
    signal,
    signals_of_customer,
    trial,
    waiting_by_customer,
)
from crm.services.signals.rule_life import (
    archive_rule,
    bring_rule_back,
    hand_rule_over,
    pause,
    put_in_shadow,
    put_live,
    rule,
    rule_version,
    rule_versions,
    rules,
)
from crm.services.signals.values import (
    Counts,
    Decision,
    EventInfo,
    Figures,
    Filter,
    Priority,
    RuleInfo,
    RuleStatus,
    RuleVersion,
    RunInfo,
    SignalInfo,
    Sort,
    State,
    VersionState,
)

__all__ = [
    "Counts", "Decision", "EventInfo", "Figures", "Filter", "Priority", "Reach", "RuleAuthor", "RuleInfo",
    "RuleStatus", "RuleVersion", "RunInfo", "SignalInfo", "Sort", "State", "VersionState", "archive_rule", "assign",
    "bring_rule_back", "checked", "counts", "create_rule", "decide", "figures", "hand_rule_over", "held_back",
    "hidden_from_author", "history", "inbox", "may_edit_rule", "may_release_rule", "pause", "put_in_shadow",
    "put_live", "reach", "record_backtest", "reopen", "require_rule_edit", "require_rule_release",
    "require_rule_view", "restore_rule", "rule", "rule_version", "rule_versions", "rules", "runs", "save_rule", "see",
    "signal", "signals_of_customer", "snooze", "trial", "waiting_by_customer", "wake",
]  # fmt: skip
