"""Taking data in: connectors, landing, the contract pass, quarantine, the ledger, replay and health queries.

Belongs here: everything between a source system and the raw Parquet. Does not: what the data means
(dbt), when it runs (pipelines), what a contract says (data_contracts).
"""
