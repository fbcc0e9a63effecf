{# What churn means in this run: set by the administrator and given by the runner as session variables (vitrina/warehouse/
   dbt_session.py); without them, the project's variables. `part` is gap_months, horizon_months, inactivity_days or base_loss_pct. #}
{% macro churn_definition(customer_type, part) -%}{{ adapter.dispatch('churn_definition')(customer_type, part) }}{%- endmacro %}
{% macro default__churn_definition(customer_type, part) -%}{{ churn_default(part) }}{%- endmacro %}
{% macro duckdb__churn_definition(customer_type, part) -%}
  coalesce(cast(getvariable('churn_{{ customer_type }}_{{ part }}') as integer), {{ churn_default(part) }})
{%- endmacro %}

{# The variable of the project behind a part of the definition. #}
{% macro churn_default(part) -%}
  {{ return(var({'gap_months': 'churn_gap_months', 'horizon_months': 'churn_horizon_months',
    'inactivity_days': 'inactivity_days', 'base_loss_pct': 'churn_base_loss_pct'}[part])) }}
{%- endmacro %}

{# One part of the definition, by the type of the customer of the row. #}
{% macro churn_definition_of(customer_type, part) -%}
  case when {{ customer_type }} = 'person' then {{ churn_definition('person', part) }} else {{ churn_definition('organisation', part) }} end
{%- endmacro %}

{# Whole months ahead that any label watches, as a number: known when dbt executes. #}
{% macro churn_months_ahead() -%}
  {%- if not execute -%} {{ return(0) }} {%- endif -%}
  {%- set sql -%}
    select greatest({{ churn_definition('person', 'gap_months') }} + {{ churn_definition('person', 'horizon_months') }},
      {{ churn_definition('organisation', 'gap_months') }} + {{ churn_definition('organisation', 'horizon_months') }})
  {%- endset -%}
  {{ return(run_query(sql).rows[0][0] | int) }}
{%- endmacro %}

{# The definition as one text: what was built with another one is built anew. #}
{% macro churn_definition_text() -%}
  {%- set parts = [] -%}
  {%- for kind in ['person', 'organisation'] -%}
    {%- for part in ['gap_months', 'horizon_months', 'inactivity_days', 'base_loss_pct'] -%}
      {%- do parts.append(run_query('select ' ~ churn_definition(kind, part)).rows[0][0] | string) -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return(parts | join(',')) }}
{%- endmacro %}

{# Last day of the months that the churn label of a month end watches. #}
{% macro churn_label_until(month_end, customer_type) -%}
  {{ last_day_of(add_months(month_of(month_end),
    churn_definition_of(customer_type, 'gap_months') ~ ' + ' ~ churn_definition_of(customer_type, 'horizon_months'))) }}
{%- endmacro %}
