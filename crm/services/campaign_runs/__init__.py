"""Campaigns as they run: audiences frozen, participants walked through the flow, messages decided on, figures.

Services ask nobody's rights: callers ask `crm.services.campaigns.access` first. Not here: what a flow or a policy means
(`campaigns`), the marts that audiences are taken from (`vitrina.campaign_runs`), and handing over (`crm.delivery`).
"""
