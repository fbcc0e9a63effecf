"""Data contracts: ODCS 3.1 YAML, the values read from it, and the checks made from those.

`model` says what a contract is, `loader` and `document` read it, `checks` lists its rules, `sql` and `values` run
them in DuckDB, `expectations` in Great Expectations, `messages` tells a broken one to people, `diff` compares versions.
Imports none of the product's other packages.

One file per entity, `sources/<system>/<entity>.odcs.yaml`; its table is `<system>__<entity>`. What ODCS leaves open is
fixed here: `classification` is none, pii or pii_high; `physicalType` is the DuckDB type in raw; `physicalName` of a
property is the field in the delivery where it is called otherwise; SLA `freshness` (h or d) and `minimumVolume` (share
of the usual rows under which a delivery is stopped). Custom properties: `labels` (ru, uz, en), `unit`, `mayBeAbsent`
(the column may be missing from deliveries; any other missing column stops them), `severity: warning` on a relationship
(count unknown keys, let the rows in), and on the contract `emptyDelivery: allowed | rejected`.
"""
