{{ config(materialized='table') }}

select
  statement_key,
  statement_file,
  account,
  period_start,
  period_end,
  opening_balance,
  received_total,
  debited_total,
  closing_balance,
  documents_in,
  documents_out,
  balance_difference
from {{ source('onec_real', 'bank_statement') }}
{{ keep_latest('statement_key', version=none) }}
