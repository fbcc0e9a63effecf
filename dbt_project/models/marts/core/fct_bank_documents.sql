-- One row per document of the bank statements. An incoming document is matched to at most one bank transfer of the billing,
-- and a transfer to at most one document: same amount, at most ten days apart, and either the invoice that the purpose
-- names belongs to the account, or the payer's INN to the customer. The invoice counts before the dates.
with incoming as (
  select
    *,
    coalesce(credited_date, document_date) as received_date,
    {{ digits_or_null('payer_inn', 9) }} as inn,
    {{ invoice_number_in('purpose') }} as invoice_number,
    row_number() over (
      partition by payer_inn, amount, coalesce(credited_date, document_date) order by document_key
    ) as occurrence
  from {{ ref('int_bank_documents_unioned') }}
  where direction = 'in'
),

transfers as (
  select
    payments.payment_id, payments.account_id, payments.customer_id, payments.paid_date, payments.amount, customers.inn,
    row_number() over (
      partition by payments.customer_id, payments.amount, payments.paid_date order by payments.payment_id
    ) as occurrence
  from {{ ref('fct_payments') }} as payments
  join {{ ref('dim_customers') }} as customers on customers.customer_id = payments.customer_id
  where payments.method = 'bank_transfer'
),

by_invoice as (
  select incoming.document_key, transfers.payment_id
  from incoming
  join {{ ref('fct_invoices') }} as invoices on invoices.invoice_number = incoming.invoice_number
  join transfers on transfers.account_id = invoices.account_id and transfers.amount = incoming.amount
),

by_payer as (
  select incoming.document_key, transfers.payment_id
  from incoming
  join transfers on transfers.inn = incoming.inn and transfers.amount = incoming.amount
),

pairs as (
  select document_key, payment_id, max(names_invoice) as names_invoice
  from (
    select document_key, payment_id, 1 as names_invoice from by_invoice
    union all
    select document_key, payment_id, 0 from by_payer
  ) as found
  group by document_key, payment_id
),

candidates as (
  select
    pairs.document_key,
    pairs.payment_id,
    transfers.customer_id,
    pairs.names_invoice = 1 as names_invoice,
    abs({{ days_between('transfers.paid_date', 'incoming.received_date') }}) as days_apart,
    -- Equal payments of one day pair up in order.
    abs(incoming.occurrence - transfers.occurrence) as occurrences_apart
  from pairs
  join incoming on incoming.document_key = pairs.document_key
  join transfers on transfers.payment_id = pairs.payment_id
  where abs({{ days_between('transfers.paid_date', 'incoming.received_date') }}) <= 10
),

ranked as (
  select
    *,
    row_number() over (
      partition by document_key order by names_invoice desc, days_apart, occurrences_apart, payment_id
    ) as payment_rank,
    row_number() over (
      partition by payment_id order by names_invoice desc, days_apart, occurrences_apart, document_key
    ) as document_rank
  from candidates
),

-- Only pairs in which each is the best for the other: a doubtful document stays unmatched and is shown.
matched as (
  select * from ranked where payment_rank = 1 and document_rank = 1
)

select
  documents.document_key,
  documents.statement_file,
  documents.statement_account,
  documents.document_type,
  documents.document_number,
  documents.document_date,
  documents.amount,
  documents.debited_date,
  documents.credited_date,
  documents.direction,
  documents.payer_name,
  documents.payer_inn,
  documents.payer_account,
  documents.recipient_name,
  documents.recipient_inn,
  documents.recipient_account,
  documents.purpose,
  coalesce(matched.customer_id, payers.customer_id) as customer_id,
  matched.payment_id,
  case
    when documents.direction <> 'in' then 'not_incoming'
    when matched.names_invoice then 'invoice_number'
    when matched.payment_id is not null then 'inn_and_amount'
    when payers.customer_id is not null then 'payer_only'
    else 'unmatched'
  end as match_rule
from {{ ref('int_bank_documents_unioned') }} as documents
left join matched on matched.document_key = documents.document_key
left join (
  select inn, min(customer_id) as customer_id from {{ ref('dim_customers') }} where inn is not null group by inn
) as payers on payers.inn = documents.payer_inn and documents.direction = 'in'
