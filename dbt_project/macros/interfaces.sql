{# Union of the staging models that fill an interface, of the enabled sources only.
   `columns`: list of [name, type]; a model may leave some out, they are then null. An interface that nobody fills is empty. #}
{% macro union_interface(interface, columns) -%}
  {%- set members = var('interfaces')[interface] -%}
  {%- set enabled = [] -%}
  {%- for source in members if source in var('enabled_sources') -%}
    {%- do enabled.append(source) -%}
  {%- endfor -%}
  {%- for source in enabled %}
  select
    '{{ source }}' as source,
    {%- for column in columns %}
    cast({{ column[0] }} as {{ column[1] }}) as {{ column[0] }}{{ "," if not loop.last }}
    {%- endfor %}
  from {{ ref(members[source]) }}
  {%- if not loop.last %}
  union all
  {%- endif %}
  {%- else %}
  select
    cast(null as varchar) as source,
    {%- for column in columns %}
    cast(null as {{ column[1] }}) as {{ column[0] }}{{ "," if not loop.last }}
    {%- endfor %}
  where false
  {%- endfor %}
{%- endmacro %}
