{{ config(materialized='table') }}

select
  department_id,
  parent_id,
  name,
  kind,
  region_code,
  updated_at
from {{ source('foris', 'department') }}
{{ keep_latest('department_id') }}
