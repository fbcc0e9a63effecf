-- Over all customers, the last full month of the profile holds the charges, payments and data of the facts.
with profile as (
  select
    sum(charges_amount_last_month) as charges,
    sum(payments_amount_last_month) as payments,
    sum(debt_amount) as debt,
    count(*) as customers
  from {{ ref('customer_profiles') }}
),

facts as (
  select
    (select coalesce(sum(amount), 0) from {{ ref('fct_charges') }}
      where customer_id is not null and month = {{ profile_month(as_of()) }}) as charges,
    (select coalesce(sum(amount), 0) from {{ ref('fct_payments') }}
      where customer_id is not null and month = {{ profile_month(as_of()) }}) as payments,
    (select coalesce(sum(debt_amount), 0) from {{ ref('fct_debt_monthly') }}
      where customer_id is not null and month_end = {{ last_day_of(as_of()) }}) as debt,
    (select count(*) from {{ ref('dim_customers') }} where created_date <= {{ as_of() }}) as customers
)

select *
from profile
cross join facts
where facts.customers <> coalesce(profile.customers, 0)
  or (facts.customers > 0 and (facts.charges <> profile.charges or facts.payments <> profile.payments
    or facts.debt <> profile.debt))
