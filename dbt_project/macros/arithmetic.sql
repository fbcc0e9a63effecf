{# A quotient that is null, not an error, when the divisor is zero or null. #}
{% macro safe_divide(dividend, divisor) -%}
  ({{ dividend }}) / nullif({{ divisor }}, 0)
{%- endmacro %}

{# Stable positive BIGINT id for a record of a source whose keys are not numbers; far above the ids of the billing. #}
{% macro surrogate_id(source, key_expression) -%}{{ adapter.dispatch('surrogate_id')(source, key_expression) }}{%- endmacro %}
{% macro default__surrogate_id(source, key_expression) -%}
  (1000000000000000 + cast(conv(substring(md5(concat('{{ source }}|', cast({{ key_expression }} as string))), 1, 15), 16, 10) as bigint) % 9000000000000000)
{%- endmacro %}
{% macro duckdb__surrogate_id(source, key_expression) -%}
  (1000000000000000 + cast(('0x' || substr(md5('{{ source }}|' || cast({{ key_expression }} as varchar)), 1, 15)) as bigint) % 9000000000000000)
{%- endmacro %}
