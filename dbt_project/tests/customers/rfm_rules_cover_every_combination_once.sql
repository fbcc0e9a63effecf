-- 125 combinations, each in a group, every group but no_payments in use; and the rectangles of the rules overlap nowhere.
with cells as (
  {% for group in rfm_groups() %}{% for r, fm_from, fm_to in group.cells %}{% for fm in range(fm_from, fm_to + 1) %}
  select {{ r }} as r_score, {{ fm }} as fm_score union all
  {% endfor %}{% endfor %}{% endfor %}
  select null, null where false
)

select 'combinations' as what, count(*) as found from {{ ref('rfm_rules') }} where rfm_group is not null having count(*) <> 125
union all
select 'groups in use', count(distinct rfm_group) from {{ ref('rfm_rules') }} having count(distinct rfm_group) <> 11
union all
select 'cells', count(*) from cells having count(*) <> 25 or count(distinct r_score * 10 + fm_score) <> 25
