{# First day of the months being built by `month_partition` (a session variable, so that one compiled text serves all). #}
{% macro month_start() -%}{{ adapter.dispatch('month_start')() }}{%- endmacro %}
{% macro default__month_start() -%}month_start{%- endmacro %}
{% macro duckdb__month_start() -%}cast(getvariable('month_start') as date){%- endmacro %}

{# Last day of the months being built by `month_partition`. #}
{% macro month_end() -%}{{ adapter.dispatch('month_end')() }}{%- endmacro %}
{% macro default__month_end() -%}month_end{%- endmacro %}
{% macro duckdb__month_end() -%}cast(getvariable('month_end') as date){%- endmacro %}

{# True for a local date that belongs to the months being built and is not later than as_of. #}
{% macro in_built_months(date_expression) -%}
  {{ date_expression }} between {{ month_start() }} and least({{ month_end() }}, {{ as_of() }})
{%- endmacro %}

{# First day of the month of a date. #}
{% macro month_of(date_expression) -%}
  cast(date_trunc('month', {{ date_expression }}) as date)
{%- endmacro %}

{# Last day of the month of a date. #}
{% macro last_day_of(date_expression) -%}
  cast(last_day({{ date_expression }}) as date)
{%- endmacro %}

{# Shift a date by whole months. #}
{% macro add_months(date_expression, months) -%}{{ adapter.dispatch('add_months')(date_expression, months) }}{%- endmacro %}
{% macro default__add_months(date_expression, months) -%}add_months({{ date_expression }}, {{ months }}){%- endmacro %}
{% macro duckdb__add_months(date_expression, months) -%}
  cast({{ date_expression }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}

{# Whole days from one date to another. #}
{% macro days_between(from_date, to_date) -%}{{ adapter.dispatch('days_between')(from_date, to_date) }}{%- endmacro %}
{% macro default__days_between(from_date, to_date) -%}datediff({{ to_date }}, {{ from_date }}){%- endmacro %}
{% macro duckdb__days_between(from_date, to_date) -%}date_diff('day', {{ from_date }}, {{ to_date }}){%- endmacro %}

{# Calendar months between two month starts. #}
{% macro months_between(from_month, to_month) -%}
  ((year({{ to_month }}) - year({{ from_month }})) * 12 + month({{ to_month }}) - month({{ from_month }}))
{%- endmacro %}

{# Local (Tashkent) date of a UTC timestamp. #}
{% macro local_date(timestamp_expression) -%}
  cast({{ timestamp_expression }} + interval '{{ var("utc_offset_hours") }}' hour as date)
{%- endmacro %}

{# UTC timestamp at which a local date begins: for comparing a stored timestamp without touching every row. #}
{% macro utc_start_of(date_expression) -%}
  (cast({{ date_expression }} as timestamp) - interval '{{ var("utc_offset_hours") }}' hour)
{%- endmacro %}

{# The valid_to of a row that is still valid. #}
{% macro end_of_time() -%}cast('9999-12-31' as date){%- endmacro %}

{# A date some days earlier. #}
{% macro days_before(date_expression, days) -%}
  cast({{ date_expression }} - interval '{{ days }}' day as date)
{%- endmacro %}
