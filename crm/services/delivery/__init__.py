"""What is sent, reported and answered: the outbox (`outbox`), its workers' steps (`claiming`, `handing`), `pauses`,
`reports` of peers, `responses` of customers with their `attribution`, `opt_outs`, personal pages (`landing`).

Sending itself is in `crm.delivery`; what a campaign is, and whom it sends what, in `crm.services.campaigns`.
"""
