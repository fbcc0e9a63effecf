{# Union of the staging models that fill an interface, of the enabled sources only.
   `columns`: list of [name, type]. A staging model gives the columns it knows by these names; those it leaves out are
   null, so that a new source is one short model. An interface that no enabled source fills is empty. #}
{% macro union_interface(interface, columns) -%}
  {{ adapter.dispatch('union_interface')(interface, columns) }}
{%- endmacro %}

{% macro duckdb__union_interface(interface, columns) -%}
  select
    source,
    {%- for name, type in columns %}
    cast({{ name }} as {{ type }}) as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
  from (
    select
      cast(null as varchar) as source,
      {%- for name, type in columns %}
      cast(null as {{ type }}) as {{ name }}{{ "," if not loop.last }}
      {%- endfor %}
    where false
    {%- for source, model in var('interfaces')[interface].items() if source in var('enabled_sources') %}
    union all by name
    select '{{ source }}' as source, * from {{ ref(model) }}
    {%- endfor %}
  ) as {{ interface }}_of_sources
{%- endmacro %}

{# Engines that cannot union by name: every column has to be in every model. #}
{% macro default__union_interface(interface, columns) -%}
  select
    cast(null as varchar) as source,
    {%- for name, type in columns %}
    cast(null as {{ type }}) as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
  where false
  {%- for source, model in var('interfaces')[interface].items() if source in var('enabled_sources') %}
  union all
  select
    '{{ source }}',
    {%- for name, type in columns %}
    cast({{ name }} as {{ type }}){{ "," if not loop.last }}
    {%- endfor %}
  from {{ ref(model) }}
  {%- endfor %}
{%- endmacro %}
