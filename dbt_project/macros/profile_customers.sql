{# Fields of a customer that change and whose past states are kept by int_customer_past_states. #}
{% macro customer_state_fields() %}
  {{ return(['full_name', 'last_name', 'first_name', 'middle_name', 'short_name', 'name_uz', 'inn', 'pinfl', 'passport',
             'sex', 'birth_date', 'region_code', 'district', 'address', 'email', 'contact_phone', 'language', 'segment',
             'industry', 'headcount', 'manager_id', 'consent_marketing']) }}
{% endmacro %}

{# Customers registered by a date, each field as it was then. What changed later is taken from the past states; where the
   source never told another state, the only known one holds. #}
{% macro profile_customers(d) %}
  select
    customers.customer_id,
    customers.customer_type,
    customers.created_date,
    {%- for field in customer_state_fields() %}
    case when past.customer_id is null then customers.{{ field }} else past.{{ field }} end as {{ field }}
    {{- "," if not loop.last }}
    {%- endfor %}
  from {{ ref('dim_customers') }} as customers
  left join {{ ref('int_customer_past_states') }} as past
    on past.customer_id = customers.customer_id and past.valid_from <= {{ d }} and past.valid_to > {{ d }}
  where customers.created_date <= {{ d }} and {{ customers_in_pass('customers.customer_id') }}
{% endmacro %}

{# Records of source systems that are this customer, by the resolution now in force. #}
{% macro profile_identities() %}
  select customer_id, count(*) as source_records_count
  from {{ ref('customer_identities') }}
  where {{ customers_in_pass('customer_id') }}
  group by customer_id
{% endmacro %}

{# Contact persons first told of by a date. #}
{% macro profile_contacts(d) %}
  select
    contacts.customer_id,
    count(*) as contacts_count,
    count(case when contacts.decision_influence = 'decides' then 1 end) as deciding_count
  from {{ ref('dim_contacts') }} as contacts
  join (
    select contact_id, min(updated_at) as first_told_at
    from {{ source('foris', 'contact') }}
    group by contact_id
  ) as told on told.contact_id = contacts.contact_id
  where {{ local_date('told.first_told_at') }} <= {{ d }} and {{ customers_in_pass('contacts.customer_id') }}
  group by contacts.customer_id
{% endmacro %}

{# Formal and informal links that hold on a date, both ways. #}
{% macro profile_link_pairs(d) %}
  select customer_id, linked_customer_id, is_formal
  from {{ ref('dim_customer_links') }} where valid_from <= {{ d }} and valid_to > {{ d }}
  union
  select linked_customer_id, customer_id, is_formal
  from {{ ref('dim_customer_links') }} where valid_from <= {{ d }} and valid_to > {{ d }}
{% endmacro %}

{# Members of the group that formal links join, for every customer that has such a link. #}
{% macro profile_link_reach() %}
  select customer_id as member_id, linked_customer_id as reached_id from link_pairs
  where is_formal and {{ customers_in_pass('customer_id') }}
  union
  select reach.member_id, pairs.linked_customer_id
  from link_reach as reach
  join link_pairs as pairs on pairs.customer_id = reach.reached_id and pairs.is_formal
{% endmacro %}

{# Links and group of each linked customer. #}
{% macro profile_links() %}
  select
    counted.customer_id,
    counted.formal_count,
    counted.informal_count,
    coalesce(reached.group_id, counted.customer_id) as group_id,
    coalesce(reached.group_customers_count, 1) as group_customers_count
  from (
    select
      customer_id,
      count(distinct case when is_formal then linked_customer_id end) as formal_count,
      count(distinct case when not is_formal then linked_customer_id end) as informal_count
    from link_pairs
    where {{ customers_in_pass('customer_id') }}
    group by customer_id
  ) as counted
  left join (
    -- Links go both ways, so a linked customer reaches itself and is counted.
    select member_id, min(reached_id) as group_id, count(*) as group_customers_count
    from link_reach
    group by member_id
  ) as reached on reached.member_id = counted.customer_id
{% endmacro %}
