-- Of each account: debt less advance is what was invoiced less what was paid, and the ageing adds up to the debt. At the
-- latest month end the two sums are those of the facts themselves.
with invoiced as (
  select account_id, sum(amount) as amount from {{ ref('fct_invoices') }} group by account_id
),

paid as (
  select account_id, sum(amount) as amount from {{ ref('fct_payments') }} group by account_id
)

select debt.*
from {{ ref('fct_debt_monthly') }} as debt
left join invoiced on invoiced.account_id = debt.account_id
left join paid on paid.account_id = debt.account_id
where {{ tested_months_only('debt.month_end') }}
  and (
    debt.debt_amount - debt.advance_amount <> debt.invoiced_amount - debt.paid_amount
    or debt.debt_amount <> debt.not_due_amount + debt.overdue_1_30_amount + debt.overdue_31_60_amount
      + debt.overdue_61_90_amount + debt.overdue_over_90_amount
    or debt.debt_amount < 0
    or (debt.measured_date = {{ as_of() }} and (
      debt.invoiced_amount <> coalesce(invoiced.amount, 0) or debt.paid_amount <> coalesce(paid.amount, 0)))
  )
