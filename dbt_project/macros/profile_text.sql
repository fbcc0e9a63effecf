{# A text as an SQL literal. #}
{% macro sql_text(value) -%}
  '{{ value | string | replace("'", "''") }}'
{%- endmacro %}
