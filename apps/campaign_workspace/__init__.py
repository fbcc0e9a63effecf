"""What the pages of campaigns are made of: register and calendar, concept, flow, messages, approval, running, results.

Not here: what may be done at which stage (`crm.services.campaigns`), what a flow means (`campaigns.flow`).
"""
