{{ config(materialized='table') }}

with named as (
{% for group in rfm_groups() %}
select
  {{ loop.index }} as position,
  {{ sql_text(group.code) }} as rfm_group,
  {{ sql_text(group.ru) }} as label_ru,
  {{ sql_text(group.uz) }} as label_uz,
  {{ sql_text(group.en) }} as label_en,
  {{ sql_text(group.means) }} as description
{{ "union all" if not loop.last }}
{% endfor %}
)

select
  {{ contract_columns() }}
from named
