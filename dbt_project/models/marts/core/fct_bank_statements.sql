-- One row per bank statement of 1C; a balance_difference that is not zero is told to the user.
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
  balance_difference,
  coalesce(balance_difference, 0) <> 0 as has_difference
from {{ ref('int_bank_statements_unioned') }}
