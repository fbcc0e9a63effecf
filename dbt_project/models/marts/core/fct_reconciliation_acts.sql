-- One row per reconciliation act of 1C, with the difference that its own figures leave.
with customers as (
  select inn, min(customer_id) as customer_id
  from {{ ref('dim_customers') }}
  where inn is not null and customer_type = 'organisation'
  group by inn
)

select
  acts.act_key,
  customers.customer_id,
  acts.counterparty_inn,
  acts.number as act_number,
  acts.period_start,
  acts.period_end,
  acts.opening_balance,
  acts.debit_turnover,
  acts.credit_turnover,
  acts.closing_balance,
  cast(acts.closing_balance - (acts.opening_balance + acts.debit_turnover - acts.credit_turnover) as decimal(18, 2))
    as balance_difference,
  acts.is_signed
from {{ ref('stg_onec__reconciliation_acts') }} as acts
left join customers on customers.inn = acts.counterparty_inn
