-- Scores run from 1 to 5 for those who paid and for nobody else, equal values have equal scores, a better value never has
-- a lower score, and the group is the one of the rule table.
with scores as (
  select history.*, rules.rfm_group as ruled_group
  from {{ ref('customer_rfm_history') }} as history
  left join {{ ref('rfm_rules') }} as rules
    on rules.r_score = history.r_score and rules.f_score = history.f_score and rules.m_score = history.m_score
  where {{ tested_months_only('history.month_end') }}
),

{% for value, score, direction in [['recency_days', 'r_score', 'desc'], ['frequency_12m', 'f_score', 'asc'],
                                   ['monetary_12m', 'm_score', 'asc']] %}
ordered_{{ score }} as (
  select month_end, customer_type, {{ value }} as value, min({{ score }}) as lowest, max({{ score }}) as highest,
    max(max({{ score }})) over (
      partition by month_end, customer_type order by {{ value }} {{ direction }}
      rows between unbounded preceding and 1 preceding) as highest_of_worse
  from scores
  where {{ score }} is not null
  group by month_end, customer_type, {{ value }}
),
{% endfor %}

broken as (
  select month_end from scores
  where (frequency_12m > 0) <> (r_score is not null)
    or not (r_score between 1 and 5 and f_score between 1 and 5 and m_score between 1 and 5)
    or rfm_group is distinct from coalesce(ruled_group, 'no_payments')
  {% for score in ['r_score', 'f_score', 'm_score'] %}
  union all
  select month_end from ordered_{{ score }} where lowest <> highest or lowest < highest_of_worse
  {% endfor %}
)

select * from broken
