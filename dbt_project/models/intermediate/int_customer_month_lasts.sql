{{ config(
    materialized='month_partition',
    months_from=[['fct_payments', 'month'], ['fct_interactions', 'month'], ['fct_invoices', 'month']],
    batch_rows=4000000, order_by='month, customer_id') }}

-- The latest payment, interaction and invoice of a customer in each month: the profile of a later date finds the last
-- ones here without reading the facts again.
with payments as (
  select
    customer_id,
    month,
    max(paid_date) as last_payment_date,
    max_by(amount, (paid_at, payment_id)) as last_payment_amount,
    max_by(method, (paid_at, payment_id)) as last_payment_method
  from {{ ref('fct_payments') }}
  where paid_date between {{ month_start() }} and {{ month_end() }} and customer_id is not null
  group by customer_id, month
),

interactions as (
  select
    customer_id,
    month,
    max(interaction_date) as last_interaction_date,
    max_by(channel, (started_at, interaction_id)) as last_interaction_channel
  from {{ ref('fct_interactions') }}
  where interaction_date between {{ month_start() }} and {{ month_end() }} and customer_id is not null
  group by customer_id, month
),

invoices as (
  select customer_id, month, max(issued_date) as last_invoice_date
  from {{ ref('fct_invoices') }}
  where issued_date between {{ month_start() }} and {{ month_end() }} and customer_id is not null
  group by customer_id, month
)

select
  customer_id,
  month,
  payments.last_payment_date,
  payments.last_payment_amount,
  payments.last_payment_method,
  interactions.last_interaction_date,
  interactions.last_interaction_channel,
  invoices.last_invoice_date
from payments
full join interactions using (customer_id, month)
full join invoices using (customer_id, month)
