-- Subscriptions of every enabled source as they are now, with the account and the customer that own them.
with subscriptions as (
  {{ union_interface('subscriptions', [
    ['subscription_id', 'bigint'], ['account_id', 'bigint'], ['msisdn', 'varchar'], ['imsi', 'varchar'],
    ['product_id', 'bigint'], ['status', 'varchar'], ['activated_date', 'date'], ['terminated_date', 'date'],
    ['updated_at', 'timestamp'],
  ]) }}
)

select
  subscriptions.*,
  accounts.customer_id,
  accounts.payment_type,
  accounts.currency
from subscriptions
left join {{ ref('int_accounts') }} as accounts on accounts.account_id = subscriptions.account_id
