-- One row per e-invoice of the tax portal in its latest status.
with latest as (
  select * from {{ ref('stg_tax__einvoices') }}
  where issued_date <= {{ as_of() }}
  qualify row_number() over (partition by einvoice_id order by updated_at desc) = 1
),

customers as (
  select inn, min(customer_id) as customer_id
  from {{ ref('dim_customers') }}
  where inn is not null and customer_type = 'organisation'
  group by inn
)

select
  latest.einvoice_id,
  buyers.customer_id,
  latest.seller_inn,
  latest.buyer_inn,
  latest.number as einvoice_number,
  latest.issued_date,
  latest.amount,
  latest.vat_amount,
  latest.status,
  latest.updated_at
from latest
left join customers as buyers on buyers.inn = latest.buyer_inn
