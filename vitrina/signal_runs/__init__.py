"""Rules held against the published snapshot, day by day, and the mart of what became of their signals.

Belongs here: evaluation of rules in use and on trial, what is asked of the keeper of signals and told to it, the
published table `signal_history`. Does not belong here: what a rule means (`signals`), the life of a signal and whom it
concerns (`crm`, reached through `plan.Keeper` alone).
"""
