{{ config(materialized='view') }}

-- Charges of every enabled source, every delivered version.
{{ union_interface('charges', [
  ['charge_id', 'bigint'], ['account_id', 'bigint'], ['subscription_id', 'bigint'], ['charge_date', 'date'],
  ['charge_type', 'varchar'], ['amount', 'decimal(18, 2)'], ['currency', 'varchar'], ['updated_at', 'timestamp'],
  ['_loaded_at', 'timestamp'], ['_delivery_id', 'varchar'], ['_line', 'bigint'],
]) }}
