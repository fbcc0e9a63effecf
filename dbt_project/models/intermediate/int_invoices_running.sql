-- Invoices of an account in the order in which payments settle them, with the running total up to each: an invoice
-- between two totals is what FIFO needs to know, so that a month end costs one join instead of a walk.
select
  invoices.invoice_id,
  invoices.account_id,
  accounts.customer_id,
  invoices.issued_date,
  invoices.due_date,
  invoices.amount,
  cast(sum(invoices.amount) over (
    partition by invoices.account_id order by invoices.issued_date, invoices.invoice_id
    rows between unbounded preceding and current row
  ) as decimal(18, 2)) as running_amount
from {{ ref('fct_invoices') }} as invoices
join {{ ref('int_accounts') }} as accounts on accounts.account_id = invoices.account_id
where accounts.payment_type = 'postpaid'
