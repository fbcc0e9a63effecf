"""Campaigns and the marts: audiences taken from the published snapshot, what the sender asks, the tables of campaigns.

Belongs here: members, clusters and groups at the start, conditions of flows on customers, addresses, published tables.
Does not belong here: what a flow or a policy means (`campaigns`), and who got how far (`crm`, through `plan` alone).
"""
