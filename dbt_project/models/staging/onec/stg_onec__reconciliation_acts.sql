{{ config(materialized='table') }}

select
  act_key,
  number,
  period_start,
  period_end,
  counterparty_inn,
  opening_balance,
  debit_turnover,
  credit_turnover,
  closing_balance,
  is_signed
from {{ source('onec', 'reconciliation_act') }}
{{ keep_latest('act_key', version=none) }}
