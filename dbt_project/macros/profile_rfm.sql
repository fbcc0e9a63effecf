{# The named RFM groups and their rules: rectangles over r_score and fm, where fm = (f_score + m_score) / 2, halves up.
   The rectangles cover all 25 cells once, hence all 125 combinations of scores; a test holds them to it. #}
{% macro rfm_groups() %}
  {{ return([
    {'code': 'champions', 'cells': [[5, 4, 5], [4, 5, 5]], 'ru': 'Чемпионы', 'uz': 'Chempionlar', 'en': 'Champions',
     'means': 'Pay now, often and most.'},
    {'code': 'loyal', 'cells': [[4, 4, 4], [3, 4, 5]], 'ru': 'Лояльные', 'uz': 'Sodiq mijozlar', 'en': 'Loyal',
     'means': 'Pay often and well, the last time not long ago.'},
    {'code': 'potential_loyal', 'cells': [[5, 2, 3], [4, 2, 3]], 'ru': 'Потенциально лояльные', 'uz': 'Potensial sodiq mijozlar',
     'en': 'Potential loyal', 'means': 'Paid lately, of middling frequency and amount.'},
    {'code': 'new_customers', 'cells': [[5, 1, 1]], 'ru': 'Новые', 'uz': 'Yangi mijozlar', 'en': 'New customers',
     'means': 'Paid just now, for the first or second time.'},
    {'code': 'promising', 'cells': [[4, 1, 1]], 'ru': 'Перспективные', 'uz': 'Istiqbolli mijozlar', 'en': 'Promising',
     'means': 'Paid lately, seldom and little so far.'},
    {'code': 'need_attention', 'cells': [[3, 3, 3]], 'ru': 'Требуют внимания', 'uz': 'Eʼtibor talab', 'en': 'Need attention',
     'means': 'Middling in everything: may turn either way.'},
    {'code': 'about_to_sleep', 'cells': [[3, 1, 2]], 'ru': 'Засыпающие', 'uz': 'Soʻnayotgan mijozlar', 'en': 'About to sleep',
     'means': 'Paid seldom and little, and not of late.'},
    {'code': 'at_risk', 'cells': [[2, 3, 4], [1, 3, 4]], 'ru': 'В зоне риска', 'uz': 'Xavf ostida', 'en': 'At risk',
     'means': 'Used to pay often and well, but not for long.'},
    {'code': 'cannot_lose', 'cells': [[2, 5, 5], [1, 5, 5]], 'ru': 'Нельзя потерять', 'uz': 'Yoʻqotib boʻlmaydi', 'en': 'Cannot lose',
     'means': 'Paid most of all, and have stopped.'},
    {'code': 'hibernating', 'cells': [[2, 1, 2]], 'ru': 'Спящие', 'uz': 'Uxlayotgan mijozlar', 'en': 'Hibernating',
     'means': 'Paid seldom and little, long ago.'},
    {'code': 'lost', 'cells': [[1, 1, 2]], 'ru': 'Потерянные', 'uz': 'Yoʻqotilgan mijozlar', 'en': 'Lost',
     'means': 'Paid seldom and little, longest ago.'},
    {'code': 'no_payments', 'cells': [], 'ru': 'Без платежей', 'uz': 'Toʻlovsiz', 'en': 'No payments',
     'means': 'No payment in the last 12 full months: no scores.'}
  ]) }}
{% endmacro %}

{# The group of three scores; no_payments when they are null. #}
{% macro rfm_group(r_score, f_score, m_score) -%}
  {%- set fm -%} cast(floor(({{ f_score }} + {{ m_score }} + 1) / 2) as integer) {%- endset -%}
  case
    when {{ r_score }} is null then 'no_payments'
    {%- for group in rfm_groups() %}{% for r, fm_from, fm_to in group.cells %}
    when {{ r_score }} = {{ r }} and {{ fm }} between {{ fm_from }} and {{ fm_to }} then '{{ group.code }}'
    {%- endfor %}{% endfor %}
  end
{%- endmacro %}

{# Quintile 1..5 of a value, 5 best, within a population: 6 less the fifth in which the share of the population that is
   as good or better falls (cume_dist from the best). Equal values get equal scores, and a large group of equals gets the
   lowest score that any of them could have: 5 always means "among the best fifth". Whole numbers, so exact everywhere. #}
{% macro quintile(value, best, population) -%}
  cast(6 - ceil(
    5.0 * count(*) over (partition by {{ population }} order by {{ value }} {{ 'asc' if best == 'low' else 'desc' }}
                         range between unbounded preceding and current row)
    / count(*) over (partition by {{ population }})) as integer)
{%- endmacro %}

{# Scores on a date, of everybody who has them. int_customer_rfm measures the running month at as_of. #}
{% macro profile_rfm(d) %}
  select customer_id, r_score, f_score, m_score, rfm_group
  from {{ ref('int_customer_rfm') }}
  where month_end = {{ last_day_of(d) }} and measured_date <= {{ d }} and {{ customers_in_pass('customer_id') }}
{% endmacro %}
