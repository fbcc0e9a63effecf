"""Who is in which segment: computed after a build and on schedule, kept durably, published, taken out as files.

Belongs here: evaluation of published definitions, the store of memberships and changes, the published tables made of
it, exports of members with receipts. Does not belong here: what a definition means (`segments`), whose it is, when it
is due and whether its size is believed (`crm`, reached through `plan.Register` alone).
"""
