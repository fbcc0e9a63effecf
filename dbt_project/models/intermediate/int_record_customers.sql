{{ config(materialized='view') }}

-- Customer record of a billing-like source → customer of the marts.
select record_id, customer_id
from {{ ref('int_customer_identities') }}
where is_customer_record
