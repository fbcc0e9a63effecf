-- The customer months hold the usage, charges and payments of the facts, no more and no less.
with facts as (
  select month, 'charges' as what, sum(amount) as total from {{ ref('fct_charges') }}
  where {{ tested_months_only('charge_date') }} and customer_id is not null group by month
  union all
  select month, 'payments', sum(amount) from {{ ref('fct_payments') }}
  where {{ tested_months_only('paid_date') }} and customer_id is not null group by month
  union all
  select month, 'data', sum(data_mb) from {{ ref('fct_usage_monthly') }}
  where {{ tested_months_only('month') }} and customer_id is not null group by month
  union all
  select month, 'debt', sum(debt_amount) from {{ ref('fct_debt_monthly') }}
  where {{ tested_months_only('month_end') }} and customer_id is not null group by month
  union all
  select month, 'interactions', count(*) from {{ ref('fct_interactions') }}
  where {{ tested_months_only('interaction_date') }} and customer_id is not null group by month
),

sums as (
  select month, sum(charge_amount) as charges, sum(payment_amount) as payments, sum(data_mb) as data,
    sum(debt_amount) as debt, sum(interaction_count) as interactions
  from {{ ref('int_customer_months') }}
  where {{ tested_months_only('month') }}
  group by month
)

select facts.*
from facts
left join sums on sums.month = facts.month
where facts.total is distinct from case facts.what
  when 'charges' then sums.charges when 'payments' then sums.payments when 'data' then sums.data
  when 'debt' then sums.debt else sums.interactions
end
