{{ config(materialized='table') }}

select
  link_id,
  customer_id as record_id,
  linked_customer_id as linked_record_id,
  link_type,
  is_formal,
  valid_from,
  valid_to,
  updated_at
from {{ source('foris', 'customer_link') }}
{{ keep_latest('link_id') }}
