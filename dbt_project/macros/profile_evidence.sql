{# The device that the main subscription was used in on a date. #}
{% macro profile_main_device(d) %}
  select main.customer_id, devices.vendor, devices.model, devices.device_type, devices.os, devices.release_year,
    devices.valid_from
  from main_subscription as main
  join {{ ref('dim_devices') }} as devices
    on devices.subscription_id = main.subscription_id and devices.valid_from <= {{ d }} and devices.valid_to > {{ d }}
  where {{ customers_in_pass('devices.customer_id') }}
{% endmacro %}

{# Devices in open subscriptions on a date, and devices that replaced another within the 12 full months. #}
{% macro profile_devices(d) %}
  select
    states.customer_id,
    count(distinct case when states.status <> 'terminated' and devices.valid_to > {{ d }} then devices.imei end)
      as devices_count,
    count(case when devices.imei_before is not null
      and devices.valid_from between {{ profile_month(d, 11) }} and ({{ profile_month_end(d) }}) then 1 end)
      as device_changes_12m_count
  from (
    select subscription_id, imei, valid_from, valid_to,
      lag(imei) over (partition by subscription_id order by valid_from) as imei_before
    from {{ ref('dim_devices') }}
    where valid_from <= {{ d }} and {{ customers_in_pass('customer_id') }}
  ) as devices
  join subscription_states as states on states.subscription_id = devices.subscription_id
  group by states.customer_id
{% endmacro %}

{# Active subscriptions with no usage in the latest days, by the months that these days touch. #}
{% macro profile_silent_subscriptions(d) %}
  {%- set since = days_before(d, var('silent_subscription_days')) %}
  select states.customer_id, count(*) as silent_count
  from subscription_states as states
  anti join (
    select subscription_id from {{ ref('fct_usage_monthly') }}
    where month between {{ month_of(since) }} and {{ month_of(d) }}
      and coalesce(last_usage_date, {{ last_day_of('month') }}) > {{ since }}
      and {{ customers_in_pass('customer_id') }}
  ) as used on used.subscription_id = states.subscription_id
  where states.status = 'active' and states.activated_date <= {{ since }}
  group by states.customer_id
{% endmacro %}

{# Legal status in force on a date; of several taxpayer records the latest change. #}
{% macro profile_legal(d) %}
  select customer_id, legal_status, valid_from as legal_status_date
  from {{ ref('fct_legal_statuses') }}
  where {{ customers_in_pass('customer_id') }} and valid_from <= {{ d }} and valid_to > {{ d }}
  qualify row_number() over (partition by customer_id order by valid_from desc, inn) = 1
{% endmacro %}

{# E-invoices to the customer within the 12 full months, each in the status that was known on the date. #}
{% macro profile_einvoices(d) %}
  select
    customer_id,
    count(*) as einvoices_count,
    count(case when status = 'rejected' then 1 end) as rejected_count
  from (
    select facts.customer_id, versions.status
    from {{ ref('fct_einvoices') }} as facts
    join {{ ref('stg_tax__einvoices') }} as versions on versions.einvoice_id = facts.einvoice_id
    where {{ customers_in_pass('facts.customer_id') }}
      and facts.issued_date between {{ profile_month(d, 11) }} and ({{ profile_month_end(d) }})
      and {{ local_date('versions.updated_at') }} <= {{ d }}
    qualify row_number() over (partition by facts.einvoice_id order by versions.updated_at desc) = 1
  ) as known
  group by customer_id
{% endmacro %}

{# First month of activity of every customer that was active by a date. #}
{% macro profile_cohorts(d) %}
  select customer_id, cohort_month
  from {{ ref('int_customer_cohorts') }}
  where cohort_month <= {{ month_of(d) }} and {{ customers_in_pass('customer_id') }}
{% endmacro %}
