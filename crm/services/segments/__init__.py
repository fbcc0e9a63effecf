"""Segments as people keep them: drafts, review, publication, sharing, schedules, runs, lists, receipts.

A service asks nobody's rights but where it is given them: callers ask `require_view` and `require_edit` first, in the
same session. Not here: what a definition means (`segments`) and who is a member (the marts).
"""

from crm.services.segments.access import may_edit, require_edit, require_list_edit, require_view
from crm.services.segments.checking import Author, checked, hidden_from, hidden_in
from crm.services.segments.drafts import create_draft, restore, save_draft
from crm.services.segments.fixtures import fixtures, set_fixtures
from crm.services.segments.life import archive, bring_back, hand_over, list_used_by, possible_owners, share, used_by
from crm.services.segments.listing import folders, published_version, segment, segments, tags, version, versions
from crm.services.segments.lists import (
    ListFacts,
    ListInfo,
    archive_list,
    list_info,
    list_key,
    lists,
    register_list,
    share_list,
)
from crm.services.segments.receipts import Receipt, Taken, Verified, exports, receipt, record_export, verify
from crm.services.segments.review import approve, publish_version, request_review, return_review
from crm.services.segments.runs import record_run, release, runs, set_alarm
from crm.services.segments.schedules import checked_schedule, due, next_time, set_schedule
from crm.services.segments.stored import definitions, documents, info
from crm.services.segments.testing import members_among, verdict
from crm.services.segments.values import (
    Alarm,
    Due,
    Filter,
    Fixture,
    Held,
    Mode,
    RunInfo,
    RunState,
    Schedule,
    SegmentInfo,
    Sharing,
    Status,
    Verdict,
    VersionInfo,
    VersionState,
)

__all__ = [
    "Alarm",
    "Author",
    "Due",
    "Filter",
    "Fixture",
    "Held",
    "ListFacts",
    "ListInfo",
    "Mode",
    "Receipt",
    "RunInfo",
    "RunState",
    "Schedule",
    "SegmentInfo",
    "Sharing",
    "Status",
    "Taken",
    "Verdict",
    "Verified",
    "VersionInfo",
    "VersionState",
    "approve",
    "archive",
    "archive_list",
    "bring_back",
    "checked",
    "checked_schedule",
    "create_draft",
    "definitions",
    "documents",
    "due",
    "exports",
    "fixtures",
    "folders",
    "hand_over",
    "hidden_from",
    "hidden_in",
    "info",
    "list_info",
    "list_key",
    "list_used_by",
    "lists",
    "may_edit",
    "members_among",
    "next_time",
    "possible_owners",
    "publish_version",
    "published_version",
    "receipt",
    "record_export",
    "record_run",
    "register_list",
    "release",
    "request_review",
    "require_edit",
    "require_list_edit",
    "require_view",
    "restore",
    "return_review",
    "runs",
    "save_draft",
    "segment",
    "segments",
    "set_alarm",
    "set_fixtures",
    "set_schedule",
    "share",
    "share_list",
    "tags",
    "used_by",
    "verdict",
    "verify",
    "version",
    "versions",
]
