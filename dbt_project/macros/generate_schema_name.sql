{# Schemas are named exactly as configured: the build file is private, so no target prefix is needed. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
