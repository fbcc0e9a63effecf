"""Sending: channels behind one interface (`channels`), texts (`rendering`, `sms_text`), the sender that hands over
(`courier`) with its `journal`, and what it takes back (`answers`).

What is kept of it is in `crm.services.delivery`; whom a campaign sends what is none of its business.
"""
