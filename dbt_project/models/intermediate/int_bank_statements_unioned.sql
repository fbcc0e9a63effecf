{{ config(materialized='view') }}

-- Bank statements of every enabled source.
{{ union_interface('bank_statements', [
  ['statement_key', 'varchar'], ['statement_file', 'varchar'], ['account', 'varchar'],
  ['period_start', 'date'], ['period_end', 'date'],
  ['opening_balance', 'decimal(18, 2)'], ['received_total', 'decimal(18, 2)'], ['debited_total', 'decimal(18, 2)'],
  ['closing_balance', 'decimal(18, 2)'], ['documents_in', 'decimal(18, 2)'], ['documents_out', 'decimal(18, 2)'],
  ['balance_difference', 'decimal(18, 2)'],
]) }}
