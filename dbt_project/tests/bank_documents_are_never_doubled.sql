-- A payment of the billing is the other end of at most one bank document, of the same amount.
select documents.payment_id
from {{ ref('fct_bank_documents') }} as documents
join {{ ref('fct_payments') }} as payments on payments.payment_id = documents.payment_id
group by documents.payment_id
having count(*) > 1 or max(documents.amount) <> max(payments.amount)
