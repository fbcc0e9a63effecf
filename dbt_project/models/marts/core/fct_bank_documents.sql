-- One row per document of the bank statements. An incoming document is matched to at most one bank transfer of the billing,
-- and a transfer to at most one document: same payer (INN) and amount, at most ten days apart; an invoice number in the
-- purpose counts before the dates.
with incoming as (
  select
    *,
    coalesce(credited_date, document_date) as received_date,
    {{ digits_or_null('payer_inn', 9) }} as inn,
    row_number() over (
      partition by payer_inn, amount, coalesce(credited_date, document_date) order by document_key
    ) as occurrence
  from {{ ref('stg_onec__bank_documents') }}
  where direction = 'in'
),

transfers as (
  select
    payments.payment_id, payments.account_id, payments.customer_id, payments.paid_date, payments.amount, customers.inn,
    row_number() over (
      partition by customers.inn, payments.amount, payments.paid_date order by payments.payment_id
    ) as occurrence
  from {{ ref('fct_payments') }} as payments
  join {{ ref('dim_customers') }} as customers on customers.customer_id = payments.customer_id
  where payments.method = 'bank_transfer' and customers.inn is not null
),

invoice_numbers as (
  select account_id, amount, invoice_number from {{ ref('fct_invoices') }}
),

candidates as (
  select
    incoming.document_key,
    transfers.payment_id,
    transfers.customer_id,
    abs({{ days_between('transfers.paid_date', 'incoming.received_date') }}) as days_apart,
    -- Equal payments of one day pair up in order.
    abs(incoming.occurrence - transfers.occurrence) as occurrences_apart,
    exists (
      select 1 from invoice_numbers
      where invoice_numbers.account_id = transfers.account_id and invoice_numbers.amount = incoming.amount
        and contains(incoming.purpose, invoice_numbers.invoice_number)
    ) as names_invoice
  from incoming
  join transfers on transfers.inn = incoming.inn and transfers.amount = incoming.amount
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
from {{ ref('stg_onec__bank_documents') }} as documents
left join matched on matched.document_key = documents.document_key
left join (
  select inn, min(customer_id) as customer_id from {{ ref('dim_customers') }} where inn is not null group by inn
) as payers on payers.inn = documents.payer_inn and documents.direction = 'in'
