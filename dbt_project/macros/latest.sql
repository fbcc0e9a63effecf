{# `qualify` clause that keeps the latest version of each key. The delivery breaks ties: what came last is right. #}
{% macro keep_latest(key, version='updated_at') -%}
  qualify row_number() over (
    partition by {{ key }}
    order by {{ version ~ ' desc nulls last, ' if version }}_loaded_at desc, _delivery_id desc, _line desc
  ) = 1
{%- endmacro %}

{# The same for a relation of many rows and few repetitions: only the repeated keys are ranked, which costs little more
   than reading the relation. Gives a query with all columns of the relation. #}
{% macro latest_of_many(relation, key, condition) -%}
  with repeated as (
    select {{ key }} from {{ relation }} where {{ condition }} group by {{ key }} having count(*) > 1
  )
  select * from {{ relation }} anti join repeated using ({{ key }})
  where {{ condition }}
  union all
  select * from {{ relation }} semi join repeated using ({{ key }})
  where {{ condition }}
  {{ keep_latest(key, version=none) }}
{%- endmacro %}
