-- Arithmetic that holds for every customer: the parts of a total are the total.
select customer_id, month_end
from (
  select * from {{ ref('customer_profiles') }}
  union all
  select * from {{ ref('customer_profiles_history') }} where {{ tested_months_only('month_end') }}
) as profiles
where charges_amount_last_month <> charges_recurring_amount_last_month + charges_out_of_bundle_amount_last_month
    + charges_roaming_amount_last_month + charges_one_off_amount_last_month
  or debt_amount <> debt_not_due_amount + debt_overdue_amount
  or debt_overdue_amount <> debt_overdue_1_30_amount + debt_overdue_31_60_amount + debt_overdue_61_90_amount
    + debt_overdue_90_plus_amount
  or (debt_overdue_amount > 0) <> (overdue_days_max > 0)
  or interactions_12m_count <> interactions_call_12m_count + interactions_sms_12m_count + interactions_email_12m_count
    + interactions_telegram_12m_count + interactions_office_12m_count + interactions_chat_12m_count
  or subscriptions_ever_count <> subscriptions_active_count + subscriptions_suspended_count + subscriptions_terminated_count
  or (payments_count_12m > 0) <> (payments_amount_12m > 0)
  or payments_amount_12m < payments_amount_3m
  or payments_amount_3m < payments_amount_last_month
  or group_customers_count < 1
  or group_id > customer_id
