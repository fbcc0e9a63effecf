-- Billing accounts of every enabled source with the customer that owns them.
with agreements as (
  {{ union_interface('agreements', [
    ['agreement_id', 'bigint'], ['record_id', 'bigint'], ['agreement_number', 'varchar'], ['signed_date', 'date'],
    ['end_date', 'date'], ['status', 'varchar'], ['updated_at', 'timestamp'],
  ]) }}
),

accounts as (
  {{ union_interface('accounts', [
    ['account_id', 'bigint'], ['agreement_id', 'bigint'], ['account_number', 'varchar'], ['payment_type', 'varchar'],
    ['currency', 'varchar'], ['status', 'varchar'], ['balance', 'decimal(18, 2)'], ['opened_date', 'date'],
    ['updated_at', 'timestamp'],
  ]) }}
)

select
  accounts.*,
  agreements.record_id,
  records.customer_id,
  agreements.agreement_number,
  agreements.signed_date,
  agreements.end_date as agreement_end_date,
  agreements.status as agreement_status
from accounts
left join agreements on agreements.agreement_id = accounts.agreement_id
left join {{ ref('int_record_customers') }} as records on records.record_id = agreements.record_id
