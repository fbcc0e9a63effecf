-- Links between customers of a group, formal and informal. A link inside one party says nothing and is left out.
select
  links.link_id,
  owners.customer_id,
  linked.customer_id as linked_customer_id,
  links.link_type,
  links.is_formal,
  links.valid_from,
  coalesce(links.valid_to, {{ end_of_time() }}) as valid_to,
  links.valid_from <= {{ as_of() }} and coalesce(links.valid_to, {{ end_of_time() }}) > {{ as_of() }} as is_current
from {{ ref('stg_foris__customer_links') }} as links
join {{ ref('int_record_customers') }} as owners on owners.record_id = links.record_id
join {{ ref('int_record_customers') }} as linked on linked.record_id = links.linked_record_id
where owners.customer_id <> linked.customer_id
