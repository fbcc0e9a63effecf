-- What changes in the numbers of a customer, day by day: first activations (opened), numbers that become or cease to be
-- active (active_base), and the day on which the last number that was not terminated is terminated (customer_left).
with spans as (
  select * from {{ ref('dim_subscriptions') }} where customer_id is not null and valid_from <= {{ as_of() }}
),

opened as (
  select customer_id, min(valid_from) as move_date
  from spans
  group by customer_id, subscription_id
),

active as (
  select customer_id, valid_from as move_date, 1 as move from spans where status = 'active'
  union all
  select customer_id, valid_to, -1 from spans where status = 'active' and valid_to <= {{ as_of() }}
),

held as (
  select customer_id, move_date, 1 as move from opened
  union all
  select customer_id, min(valid_from), -1
  from spans
  where status = 'terminated'
  group by customer_id, subscription_id
),

held_by_day as (
  select customer_id, move_date, sum(move) as move, sum(case when move < 0 then 1 else 0 end) as closed
  from held
  group by customer_id, move_date
),

held_so_far as (
  select
    *,
    sum(move) over (partition by customer_id order by move_date rows between unbounded preceding and current row) as held
  from held_by_day
)

select customer_id, move_date, 'opened' as kind, count(*) as move from opened group by customer_id, move_date
union all
select customer_id, move_date, 'active_base', sum(move) from active group by customer_id, move_date having sum(move) <> 0
union all
select customer_id, move_date, 'customer_left', 1 from held_so_far where held = 0 and closed > 0
