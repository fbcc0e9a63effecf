-- What each postpaid account has paid by the end of each month in which it paid anything.
with monthly as (
  select payments.account_id, payments.month, sum(payments.amount) as amount
  from {{ ref('fct_payments') }} as payments
  where payments.account_id in (select account_id from {{ ref('int_accounts') }} where payment_type = 'postpaid')
  group by payments.account_id, payments.month
)

select
  account_id,
  month,
  cast(sum(amount) over (
    partition by account_id order by month rows between unbounded preceding and current row
  ) as decimal(18, 2)) as running_amount
from monthly
