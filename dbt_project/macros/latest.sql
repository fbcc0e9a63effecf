{# `qualify` clause that keeps the latest version of each key. The delivery breaks ties: what came last is right. #}
{% macro keep_latest(key, version='updated_at') -%}
  qualify row_number() over (
    partition by {{ key }}
    order by {{ version ~ ' desc nulls last, ' if version }}_loaded_at desc, _delivery_id desc, _line desc
  ) = 1
{%- endmacro %}
