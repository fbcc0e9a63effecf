-- One row per invoice of the billing.
select
  invoices.invoice_id,
  invoices.account_id,
  accounts.customer_id,
  invoices.invoice_number,
  invoices.period_start,
  invoices.issued_date,
  {{ month_of('invoices.issued_date') }} as month,
  invoices.due_date,
  invoices.amount,
  invoices.currency,
  invoices.updated_at
from {{ ref('stg_foris__invoices') }} as invoices
left join {{ ref('int_accounts') }} as accounts on accounts.account_id = invoices.account_id
where invoices.issued_date <= {{ as_of() }}
