{# The customer profile at a date `d` (an SQL expression): one row per customer registered by then, made only of what is
   dated up to `d`. Both customer_profiles and its history are this one query; each part is a macro of its own. #}
{% macro profile_at(d) %}
with recursive profile_customers as ({{ profile_customers(d) }}),
identities as ({{ profile_identities() }}),
contacts as ({{ profile_contacts(d) }}),
link_pairs as ({{ profile_link_pairs(d) }}),
link_reach as ({{ profile_link_reach() }}),
links as ({{ profile_links() }}),
agreements as ({{ profile_agreements(d) }}),
accounts as ({{ profile_accounts(d) }}),
subscription_history as ({{ profile_subscription_history(d) }}),
subscription_states as ({{ profile_subscription_states(d) }}),
subscription_totals as ({{ profile_subscription_totals() }}),
main_subscription as ({{ profile_main_subscription() }}),
main_product_since as ({{ profile_main_product_since() }}),
subscription_changes as ({{ profile_subscription_changes(d) }}),
silent_subscriptions as ({{ profile_silent_subscriptions(d) }}),
main_device as ({{ profile_main_device(d) }}),
devices as ({{ profile_devices(d) }}),
profile_months as ({{ profile_months(d) }}),
activity as ({{ profile_activity() }}),
freshness as ({{ profile_freshness() }}),
latest as ({{ profile_latest(d) }}),
debt as ({{ profile_debt(d) }}),
legal as ({{ profile_legal(d) }}),
einvoices as ({{ profile_einvoices(d) }}),
cohorts as ({{ profile_cohorts(d) }}),
assembled as ({{ profile_assembled(d) }}),
scored as ({{ profile_scored() }})
select
  {{ contract_columns() }}
from scored
{% endmacro %}

{# The columns that the property file of the model promises, in its order and types: nothing else leaves the query.
   In a unit test `model` is the test itself and promises nothing; it looks only at the columns that it names. #}
{% macro contract_columns() -%}
  {%- for column in model.columns.values() %}
  {%- set name = adapter.quote(column.name) if column.quote else column.name %}
  cast({{ name }} as {{ column.data_type }}) as {{ name }}{{ "," if not loop.last }}
  {%- else %}
  *
  {%- endfor %}
{%- endmacro %}

{# Scores that compare customers with each other; only those who paid within the window take part. #}
{% macro profile_scored() %}
  select
    assembled.*,
    rfm.r_score,
    rfm.f_score,
    rfm.m_score,
    {{ rfm_group('rfm.r_score', 'rfm.f_score', 'rfm.m_score') }} as rfm_group
  from assembled
  left join (
    select
      customer_id,
      {{ quintile('days_since_last_payment', 'low', 'customer_type') }} as r_score,
      {{ quintile('payments_count_12m', 'high', 'customer_type') }} as f_score,
      {{ quintile('payments_amount_12m', 'high', 'customer_type') }} as m_score
    from assembled
    where payments_count_12m > 0
  ) as rfm on rfm.customer_id = assembled.customer_id
{% endmacro %}
