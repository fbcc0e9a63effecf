{{ config(
    materialized='month_partition', month_column='month_end', reach='all',
    months_from=[['int_invoices_running', 'issued_date'], ['int_account_payments_running', 'month']], fill_months=true) }}

-- Debt of each postpaid account at each month end (in the running month: at as_of). Payments settle invoices in the order
-- of issue; what remains of an invoice is aged by its due date. An account appears from its first invoice on.
with month_ends as (
  select
    cast(m as date) as month,
    {{ last_day_of('cast(m as date)') }} as month_end,
    least({{ last_day_of('cast(m as date)') }}, {{ as_of() }}) as measured_date
  from generate_series({{ month_start() }}, {{ month_end() }}, interval 1 month) as series(m)
),

paid as (
  select month_ends.month_end, payments.account_id, max(payments.running_amount) as paid_amount
  from month_ends
  join {{ ref('int_account_payments_running') }} as payments on payments.month <= month_ends.month
  group by month_ends.month_end, payments.account_id
),

open_invoices as (
  select
    month_ends.month_end,
    month_ends.measured_date,
    invoices.account_id,
    invoices.customer_id,
    invoices.amount,
    coalesce(paid.paid_amount, 0) as paid_amount,
    least(invoices.amount, greatest(invoices.running_amount - coalesce(paid.paid_amount, 0), 0)) as open_amount,
    {{ days_between('invoices.due_date', 'month_ends.measured_date') }} as overdue_days
  from month_ends
  join {{ ref('int_invoices_running') }} as invoices on invoices.issued_date <= month_ends.measured_date
  left join paid on paid.month_end = month_ends.month_end and paid.account_id = invoices.account_id
)

select
  account_id,
  month_end,
  {{ month_of('month_end') }} as month,
  measured_date,
  min(customer_id) as customer_id,
  cast(sum(amount) as decimal(18, 2)) as invoiced_amount,
  cast(max(paid_amount) as decimal(18, 2)) as paid_amount,
  cast(sum(open_amount) as decimal(18, 2)) as debt_amount,
  cast(greatest(max(paid_amount) - sum(amount), 0) as decimal(18, 2)) as advance_amount,
  cast(coalesce(sum(open_amount) filter (where overdue_days <= 0), 0) as decimal(18, 2)) as not_due_amount,
  cast(coalesce(sum(open_amount) filter (where overdue_days between 1 and 30), 0) as decimal(18, 2)) as overdue_1_30_amount,
  cast(coalesce(sum(open_amount) filter (where overdue_days between 31 and 60), 0) as decimal(18, 2)) as overdue_31_60_amount,
  cast(coalesce(sum(open_amount) filter (where overdue_days between 61 and 90), 0) as decimal(18, 2)) as overdue_61_90_amount,
  cast(coalesce(sum(open_amount) filter (where overdue_days > 90), 0) as decimal(18, 2)) as overdue_over_90_amount,
  cast(greatest(coalesce(max(overdue_days) filter (where open_amount > 0), 0), 0) as bigint) as overdue_days,
  count(*) filter (where open_amount > 0) as open_invoices
from open_invoices
group by account_id, month_end, measured_date
