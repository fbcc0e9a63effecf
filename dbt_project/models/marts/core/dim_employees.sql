-- One row per employee of the operator.
select
  employee_id,
  department_id,
  full_name,
  position,
  email,
  phone,
  hired_date,
  left_date,
  coalesce(left_date, {{ end_of_time() }}) > {{ as_of() }} as is_employed,
  updated_at
from {{ ref('stg_foris__employees') }}
