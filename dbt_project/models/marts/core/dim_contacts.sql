-- One row per contact person of a customer.
select
  contacts.contact_id,
  records.customer_id,
  contacts.full_name,
  contacts.role,
  contacts.decision_influence,
  contacts.phone,
  contacts.email,
  contacts.power_of_attorney_until,
  contacts.power_of_attorney_until >= {{ as_of() }} as has_valid_power_of_attorney,
  contacts.updated_at
from {{ ref('stg_foris__contacts') }} as contacts
left join {{ ref('int_record_customers') }} as records on records.record_id = contacts.record_id
