{{ config(materialized='table') }}

select
  employee_id,
  department_id,
  full_name,
  position,
  email,
  phone,
  hired_date,
  left_date,
  updated_at
from {{ source('foris', 'employee') }}
{{ keep_latest('employee_id') }}
