{# Months that a month partition must build, as a list of batches [first_day, last_day].

   Full: every month found in the `months_from` inputs (a list of [model, date column]).
   With `fill_months` the months between and up to as_of are built too, though nothing happened in them.
   Delta: changed_months(), plus the months from the last build's as_of to this one's, each stretched forward by
   `reach` months ('all' for running totals), because a late row of March also changes what follows March; and backward
   by `reach_back` months, for models that tell of a month what came after it (`by_churn_definition`: by as many as the
   definition of churn looks ahead).
   With `batch_rows`, a full build takes several small months in one pass, as long as their rows stay below it. #}
{% macro months_to_build(rebuild, built_as_of) %}
  {% set reach = config.get('reach', 0) %}
  {% set reach_back = churn_months_ahead() if config.get('by_churn_definition', false) else config.get('reach_back', 0) %}
  {% set inputs = config.require('months_from') %}
  {% set last_month = month_of(as_of()) %}
  {% set sql %}
    with found as (
      {% for input in inputs %}
      select {{ month_of(input[1]) }} as month, count(*) as row_count
      from {{ ref(input[0]) }} where {{ input[1] }} <= {{ as_of() }} group by 1
      {% if not loop.last %}union all{% endif %}
      {% endfor %}
    ),
    bounds as (select min(month) as first_month, {{ last_month }} as last_month from found),
    {% if rebuild %}
    wanted as (
      select month, sum(row_count) as row_count from found group by 1
      {% if config.get('fill_months', false) %}
      union all select cast(m as date), 0
      from bounds, generate_series(bounds.first_month, bounds.last_month, interval 1 month) as s(m)
      {% endif %}
    ),
    {% else %}
    wanted as (
      select cast(value || '-01' as date) as month, 1 as row_count
      from (select unnest({{ changed_months() | list | tojson | replace('"', "'") }}::varchar[]) as value)
      union
      select cast(m as date), 1
      from generate_series({{ month_of("cast('" ~ built_as_of ~ "' as date)") }}, {{ last_month }}, interval 1 month) as s(m)
    ),
    {% endif %}
    reached as (
      select cast(s.m as date) as month, max(case when s.m = wanted.month then wanted.row_count end) as row_count
      from wanted,
        generate_series(cast(wanted.month - interval {{ reach_back }} month as date),
          {% if reach == 'all' %}{{ last_month }}{% else %}cast(wanted.month + interval {{ reach }} month as date){% endif %},
          interval 1 month) as s(m)
      group by 1
    )
    select strftime(month, '%Y-%m-%d'), strftime(last_day(month), '%Y-%m-%d'), coalesce(row_count, 0)
    from reached, bounds
    where month between coalesce(bounds.first_month, month) and bounds.last_month
    order by 1
  {% endset %}
  {% set batches = [] %}
  {% set batch_rows = config.get('batch_rows', 0) %}
  {% set state = namespace(rows=0) %}
  {% for first_day, last_day, row_count in run_query(sql).rows %}
    {% if rebuild and batches and state.rows + row_count <= batch_rows %}
      {% do batches.append([batches.pop()[0], last_day]) %}
      {% set state.rows = state.rows + row_count %}
    {% else %}
      {% do batches.append([first_day, last_day]) %}
      {% set state.rows = row_count %}
    {% endif %}
  {% endfor %}
  {{ return(batches) }}
{% endmacro %}
