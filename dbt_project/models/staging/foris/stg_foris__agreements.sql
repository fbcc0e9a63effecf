{{ config(materialized='table') }}

select
  agreement_id,
  customer_id as record_id,
  agreement_number,
  signed_date,
  end_date,
  status,
  updated_at
from {{ source('foris', 'agreement') }}
{{ keep_latest('agreement_id') }}
