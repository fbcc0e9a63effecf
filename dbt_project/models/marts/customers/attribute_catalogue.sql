-- The attributes of the customer profile as a table, made from the columns that dbt knows of customer_profiles.
-- depends_on: {{ ref('customer_profiles') }}
{{ config(materialized='table') }}

{%- set languages = ['ru', 'uz', 'en'] %}
{%- set names = ['position', 'name', 'label_ru', 'label_uz', 'label_en', '"group"', 'group_label_ru', 'group_label_uz',
  'group_label_en', 'type', 'unit', 'unit_label_ru', 'unit_label_uz', 'unit_label_en', 'personal_data_class', 'source',
  'description', 'null_meaning', 'renamed_from', 'deprecated_note', 'replaced_by', 'values_from'] %}

with attributes as (
  select * from (values
  {%- if execute %}
  {%- set profile = graph.nodes['model.' ~ project_name ~ '.customer_profiles'] %}
  {%- set shared = profile.config.meta %}
  {%- for column in profile.columns.values() %}
  {%- set meta = column.config.meta or column.meta %}
  (
    {{ loop.index }},
    {{ sql_text(column.name) }},
    {%- for language in languages %}
    {{ sql_text(meta['label_' ~ language]) }},
    {%- endfor %}
    {{ sql_text(meta.group) }},
    {%- for language in languages %}
    {{ sql_text(shared.groups[meta.group][language]) }},
    {%- endfor %}
    {{ sql_text(column.data_type) }},
    {{ sql_text(meta.unit) }},
    {%- for language in languages %}
    {{ sql_text(shared.units[meta.unit][language]) }},
    {%- endfor %}
    {{ sql_text(meta.personal_data_class) }},
    {{ sql_text(meta.sources | join(',')) }},
    {{ sql_text(column.description) }},
    {{ sql_text(meta.null_meaning) }},
    {{ sql_text_or_null((meta.renamed_from or []) | join(',')) }},
    {{ sql_text_or_null(meta.deprecated_note) }},
    {{ sql_text_or_null(meta.replaced_by) }},
    {{ sql_text_or_null(meta.values_from) }}
  ){{ "," if not loop.last }}
  {%- endfor %}
  {%- else %}
  ({% for name in names %}null{{ "," if not loop.last }}{% endfor %})
  {%- endif %}
  ) as listed ({{ names | join(', ') }})
)

select
  {{ contract_columns() }}
from attributes
