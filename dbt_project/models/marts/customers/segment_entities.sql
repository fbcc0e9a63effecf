-- The events and related objects that segments may ask about, made from `segment_entities` in the meta of their models.
-- depends_on: {{ ref('group_companies') }}
{{ config(materialized='table') }}

{%- set names = ['position', 'name', 'kind', 'table_name', 'customer_column', 'date_column', 'month_column',
  'valid_from_column', 'valid_to_column', 'label_ru', 'label_uz', 'label_en', 'description'] %}

with entities as (
  select * from (values
  {%- if execute %}
  {%- for node in segment_models() %}
  {%- set outer = loop %}
  {%- for entity in node.config.meta.segment_entities %}
  (
    {{ entity.position }},
    {{ sql_text(entity.name) }},
    {{ sql_text(entity.kind) }},
    {{ sql_text(node.name) }},
    {{ sql_text(entity.customer_column or 'customer_id') }},
    {{ sql_text_or_null(entity.date_column) }},
    {{ sql_text_or_null(node.config.meta.month_column) }},
    {{ sql_text_or_null(entity.valid_from_column) }},
    {{ sql_text_or_null(entity.valid_to_column) }},
    {{ sql_text(entity.label_ru) }},
    {{ sql_text(entity.label_uz) }},
    {{ sql_text(entity.label_en) }},
    {{ sql_text(entity.description) }}
  ){{ "," if not (loop.last and outer.last) }}
  {%- endfor %}
  {%- endfor %}
  {%- else %}
  ({% for name in names %}null{{ "," if not loop.last }}{% endfor %})
  {%- endif %}
  ) as listed ({{ names | join(', ') }})
)

select
  {{ contract_columns() }}
from entities
