{# Tests of large facts look at the months that a run can have changed: the delta's months, at most the latest
   `tested_months` of a full build. Written in YAML as  where: "tested_months:<date column>". #}
{% macro get_where_subquery(relation) -%}
  {%- set where = config.get('where', '') -%}
  {%- if where and where.startswith('tested_months:') -%}
    (select * from {{ relation }} where {{ tested_months_only(where.split(':')[1]) }}) as tested
  {%- elif where -%}
    (select * from {{ relation }} where {{ where }}) as tested
  {%- else -%}
    {{ relation }}
  {%- endif -%}
{%- endmacro %}

{% macro tested_months_only(date_column) -%}
  {%- set months = changed_months() -%}
  {%- if months == 'all' -%}
  {{ date_column }} >= {{ add_months(month_of(as_of()), 1 - var('tested_months')) }}
  {%- else -%}
  {#- The bounds first: they are met by whole blocks of the table, the months of a date only row by row. -#}
  {%- set tested = (months | sort)[-var('tested_months'):] -%}
  {{ date_column }} between least({{ month_of(as_of()) }}{% for month in tested %}, cast('{{ month }}-01' as date){% endfor %})
    and {{ last_day_of(as_of()) }}
  and {{ month_of(date_column) }} in (
    {{ month_of(as_of()) }}{% for month in tested %}, cast('{{ month }}-01' as date){% endfor %})
  {%- endif -%}
{%- endmacro %}
