{# What differs from run to run: session variables set by the runner (vitrina/warehouse/dbt_session.py), or --vars. #}

{# The date everything is computed at. #}
{% macro as_of() -%}
  {%- if var('as_of', none) is not none -%} cast('{{ var("as_of") }}' as date)
  {%- else -%} {{ adapter.dispatch('session_as_of')() }}
  {%- endif -%}
{%- endmacro %}
{% macro default__session_as_of() -%}as_of{%- endmacro %}
{% macro duckdb__session_as_of() -%}cast(getvariable('as_of') as date){%- endmacro %}

{# Months touched by deliveries since the last published snapshot: 'all' or a list of 'YYYY-MM'. Known when dbt executes. #}
{% macro changed_months() -%}
  {%- if var('changed_months', none) is not none -%} {{ return(var('changed_months')) }} {%- endif -%}
  {%- if not execute -%} {{ return('all') }} {%- endif -%}
  {%- set months = run_query("select array_to_string(getvariable('changed_months'), ',')").rows[0][0] -%}
  {{ return('all' if months is none else months.split(',') | reject('equalto', '') | list) }}
{%- endmacro %}

{# Without a date every model would be empty: refuse instead. #}
{% macro require_as_of() %}
  {%- if execute and run_query('select ' ~ as_of()).rows[0][0] is none -%}
    {{ exceptions.raise_compiler_error("as_of is not known: run through vitrina.warehouse.build, or give --vars '{as_of: 2025-12-31}'") }}
  {%- endif -%}
  select 1
{% endmacro %}
