{{ config(materialized='table') }}

select
  document_key,
  statement_file,
  statement_account,
  document_type,
  document_number,
  document_date,
  amount,
  debited_date,
  credited_date,
  payer_name,
  payer_inn,
  payer_account,
  payer_bank_code,
  recipient_name,
  recipient_inn,
  recipient_account,
  purpose,
  direction
from {{ source('onec_real', 'bank_document') }}
{{ keep_latest('document_key', version=none) }}
