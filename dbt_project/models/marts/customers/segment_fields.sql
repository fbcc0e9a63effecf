-- The fields of the events and related objects of segments: the columns of their models whose meta gives them names.
-- depends_on: {{ ref('group_companies') }} {{ ref('customer_profiles') }}
{{ config(materialized='table') }}

{%- set languages = ['ru', 'uz', 'en'] %}
{%- set names = ['position', 'entity', 'name', 'label_ru', 'label_uz', 'label_en', 'type', 'unit', 'unit_label_ru',
  'unit_label_uz', 'unit_label_en', 'personal_data_class', 'description', 'null_meaning', 'values_from'] %}

with fields as (
  select * from (values
  {%- if execute %}
  {%- set units = graph.nodes['model.' ~ project_name ~ '.customer_profiles'].config.meta.units %}
  {%- set rows = [] %}
  {%- for node in segment_models() %}
  {%- for entity in node.config.meta.segment_entities | map(attribute='name') | unique %}
  {%- for column in node.columns.values() if column.config.meta.label_en or column.meta.label_en %}
  {%- do rows.append({'entity': entity, 'column': column, 'meta': column.config.meta or column.meta}) %}
  {%- endfor %}
  {%- endfor %}
  {%- endfor %}
  {%- for row in rows %}
  (
    {{ loop.index }},
    {{ sql_text(row.entity) }},
    {{ sql_text(row.column.name) }},
    {%- for language in languages %}
    {{ sql_text(row.meta['label_' ~ language]) }},
    {%- endfor %}
    {{ sql_text(row.column.data_type) }},
    {{ sql_text(row.meta.unit) }},
    {%- for language in languages %}
    {{ sql_text(units[row.meta.unit][language]) }},
    {%- endfor %}
    {{ sql_text(row.meta.personal_data_class) }},
    {{ sql_text(row.column.description) }},
    {{ sql_text(row.meta.null_meaning) }},
    {{ sql_text_or_null(row.meta.values_from) }}
  ){{ "," if not loop.last }}
  {%- endfor %}
  {%- else %}
  ({% for name in names %}null{{ "," if not loop.last }}{% endfor %})
  {%- endif %}
  ) as listed ({{ names | join(', ') }})
)

select
  {{ contract_columns() }}
from fields
