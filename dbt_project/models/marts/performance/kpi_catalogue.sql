{{ config(materialized='table') }}

with listed as (
{% for kpi in kpi_definitions() %}
select
  {{ loop.index }} as position,
  {{ sql_text(kpi.code) }} as kpi,
  {{ sql_text(kpi.kind) }} as kind,
  {{ sql_text(kpi.unit) }} as unit,
  {{ sql_text(kpi.better) }} as better,
  {{ sql_text(kpi.from) }} as counted_from,
  {%- for language in ['ru', 'uz', 'en'] %}
  {{ sql_text(kpi[language]) }} as label_{{ language }},
  {{ sql_text(kpi['told_' ~ language]) }} as told_{{ language }}{{ "," if not loop.last }}
  {%- endfor %}
{{ "union all" if not loop.last }}
{% endfor %}
)

select
  {{ contract_columns() }}
from listed
