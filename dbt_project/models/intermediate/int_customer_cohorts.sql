-- The month in which each customer was first active (used a service, was charged or paid): its cohort.
-- One narrow pass over the months; a later month can never change the first one.
select customer_id, min(month) as cohort_month
from {{ ref('int_customer_months') }}
where {{ is_active_month() }}
group by customer_id
