-- The set gives the last month's charge and the total: the rest is spread evenly over the earlier months, and the first
-- month takes the rounding, so that the sum of a customer's charges is the total that was delivered.
with months as (
  select
    customers.*,
    cast(unnest(generate_series(1, greatest(tenure_months, 1))) as integer) as month_number
  from {{ ref('stg_telco__customers') }} as customers
),

spread as (
  select
    *,
    cast((total_charges - monthly_charges) / nullif(tenure_months - 1, 0) as decimal(18, 2)) as earlier_amount
  from months
)

select
  {{ surrogate_id('telco', "source_id || '|' || month_number") }} as charge_id,
  record_id as account_id,
  record_id as subscription_id,
  {{ last_day_of(add_months('activated_date', 'month_number - 1')) }} as charge_date,
  'recurring' as charge_type,
  greatest(cast(case
    when tenure_months <= 1 then total_charges
    when month_number = tenure_months then monthly_charges
    when month_number = 1 then total_charges - monthly_charges - earlier_amount * (tenure_months - 2)
    else earlier_amount
  end as decimal(18, 2)), 0) as amount,
  'USD' as currency,
  updated_at,
  updated_at as _loaded_at,
  source_id as _delivery_id,
  month_number as _line
from spread
