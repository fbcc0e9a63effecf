-- A label stands exactly where the customer could churn and the whole horizon is stored.
select customer_id, month_end
from {{ ref('churn_features') }}
where {{ tested_months_only('month_end') }}
  and ((is_churned is not null) <> (is_eligible and label_until_date <= {{ as_of() }}) or label_until_date <= month_end)
