{{ config(materialized='view') }}

-- Payments of every enabled source, every delivered version.
{{ union_interface('payments', [
  ['payment_id', 'bigint'], ['account_id', 'bigint'], ['record_id', 'bigint'], ['paid_at', 'timestamp'],
  ['paid_date', 'date'], ['amount', 'decimal(18, 2)'], ['currency', 'varchar'], ['method', 'varchar'],
  ['updated_at', 'timestamp'], ['_loaded_at', 'timestamp'], ['_delivery_id', 'varchar'], ['_line', 'bigint'],
]) }}
