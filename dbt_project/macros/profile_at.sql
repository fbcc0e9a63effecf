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
activity as ({{ profile_activity(d) }}),
last_activity as ({{ profile_last_activity(d) }}),
freshness as ({{ profile_freshness(d) }}),
latest as ({{ profile_latest(d) }}),
debt as ({{ profile_debt(d) }}),
legal as ({{ profile_legal(d) }}),
einvoices as ({{ profile_einvoices(d) }}),
cohorts as ({{ profile_cohorts(d) }}),
rfm as ({{ profile_rfm(d) }}),
assembled as ({{ profile_assembled(d) }})
select
  {{ contract_columns() }}
from assembled
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
