"""Campaigns as people work on them: register and stages, approvals, content, budgets, media plans.

Services ask nobody's rights, except where they take them: callers ask `access.require_view`, `require_edit`,
`require_approve` or `require_administer` first, in the same session. A campaign is named by its number or its key.
Not here: what a flow and a policy mean (`campaigns`), who took part and what was sent (`crm.services.delivery`).
"""
