-- Every customer record of every enabled source, one shape, before records of one party are put together.
with records as (
  {{ union_interface('customers', [
    ['record_id', 'bigint'], ['source_id', 'varchar'], ['customer_type', 'varchar'], ['full_name', 'varchar'],
    ['last_name', 'varchar'], ['first_name', 'varchar'], ['middle_name', 'varchar'], ['short_name', 'varchar'],
    ['name_uz', 'varchar'], ['inn', 'varchar'], ['pinfl', 'varchar'], ['passport', 'varchar'], ['sex', 'varchar'],
    ['birth_date', 'date'], ['region_code', 'varchar'], ['district', 'varchar'], ['address', 'varchar'],
    ['email', 'varchar'], ['contact_phone', 'varchar'], ['language', 'varchar'], ['segment', 'varchar'],
    ['industry', 'varchar'], ['headcount', 'bigint'], ['manager_id', 'varchar'], ['status', 'varchar'],
    ['consent_marketing', 'boolean'], ['created_at', 'timestamp'], ['updated_at', 'timestamp'],
  ]) }}
)

select
  *,
  {{ local_date('created_at') }} as created_date
from records
