-- The rule table written out: which group each combination of scores falls in.
{{ config(materialized='table') }}

with scores as (
  {% for score in range(1, 6) %}
  select {{ score }} as score {{ "union all" if not loop.last }}
  {% endfor %}
),

combinations as (
  select
    r.score as r_score,
    f.score as f_score,
    m.score as m_score,
    {{ rfm_group('r.score', 'f.score', 'm.score') }} as rfm_group
  from scores as r
  cross join scores as f
  cross join scores as m
)

select
  {{ contract_columns() }}
from combinations
