-- The attributes of the customer profile as a table, made from the columns that dbt knows of customer_profiles.
-- depends_on: {{ ref('customer_profiles') }}
{{ config(materialized='table') }}

with attributes as (
{%- if execute %}
{%- set profile = graph.nodes['model.' ~ project_name ~ '.customer_profiles'] %}
{%- set model_meta = profile.config.meta %}
{%- for column in profile.columns.values() %}
{%- set meta = column.config.meta or column.meta %}
select
  {{ loop.index }} as position,
  {{ sql_text(column.name) }} as name,
  {{ sql_text(meta.label_ru) }} as label_ru,
  {{ sql_text(meta.label_uz) }} as label_uz,
  {{ sql_text(meta.label_en) }} as label_en,
  {{ sql_text(meta.group) }} as "group",
  {%- for language in ['ru', 'uz', 'en'] %}
  {{ sql_text(model_meta.groups[meta.group][language]) }} as group_label_{{ language }},
  {%- endfor %}
  {{ sql_text(column.data_type) }} as type,
  {{ sql_text(meta.unit) }} as unit,
  {%- for language in ['ru', 'uz', 'en'] %}
  {{ sql_text(model_meta.units[meta.unit][language]) }} as unit_label_{{ language }},
  {%- endfor %}
  {{ sql_text(meta.personal_data_class) }} as personal_data_class,
  {{ sql_text(meta.sources | join(',')) }} as source,
  {{ sql_text(column.description) }} as description,
  {{ sql_text(meta.null_meaning) }} as null_meaning
{{ "union all" if not loop.last }}
{%- endfor %}
{%- else %}
select 1
{%- endif %}
)

select
  {{ contract_columns() }}
from attributes
