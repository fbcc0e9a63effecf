{# The grain of a model, in one scan: its columns are unique together and never null; `required` are never null either.
   With `month_column` only the tested months are read. #}
{% test unique_grain(model, columns, required=[], month_column=none) %}
  select {{ columns | join(', ') }}, count(*) as row_count
  from {{ model }}
  {%- if month_column %} where {{ tested_months_only(month_column) }}{% endif %}
  group by {{ columns | join(', ') }}
  having count(*) > 1
    {%- for column in columns %} or {{ column }} is null{% endfor %}
    {%- for column in required %} or count({{ column }}) < count(*){% endfor %}
{% endtest %}

{# Half-open history: stretches of one key follow each other without gap or overlap and exactly one is open. #}
{% test continuous_history(model, key) %}
  select *
  from (
    select
      {{ key }}, valid_from, valid_to, is_current,
      lead(valid_from) over (partition by {{ key }} order by valid_from) as next_from
    from {{ model }}
  ) as stretches
  where valid_to <= valid_from
    or coalesce(next_from, {{ end_of_time() }}) <> valid_to
    or is_current <> (next_from is null)
{% endtest %}
