-- Sixty customers over fourteen months. Every fourth is an organisation; the third has left; the last two never paid.
create table base as
select i as customer_id, case when i % 4 = 0 then 'organisation' else 'person' end as customer_type,
  case when i % 4 = 0 then 'ООО «Ромашка ' || i || '»' else ['Каримов Жасур', 'Юсупова Нигора', 'Ким Алексей'][1 + i % 3] || ' ' || i end as full_name,
  case when i % 4 = 0 then 'Romashka ' || i || ' MChJ' end as name_uz,
  case when i % 4 = 0 then '30' || lpad(cast(i as varchar), 7, '0') end as inn,
  case when i % 4 <> 0 then '3120190' || lpad(cast(i as varchar), 7, '0') end as pinfl,
  case when i % 4 <> 0 then 'AB12345' || lpad(cast(i as varchar), 2, '0') end as passport,
  '+99890' || lpad(cast(1000000 + i as varchar), 7, '0') as msisdn,
  ['1726', '1703', '1735', '1730'][1 + i % 4] as region_code,
  case when i % 4 = 0 then ['corporate', 'sme'][1 + (i // 4) % 2] else ['mass', 'premium'][1 + i % 2] end as segment,
  i = 3 as has_left, i >= 59 as never_paid,
  case when i % 8 = 0 then 'E1' when i % 4 = 0 then 'E2' end as manager_id
from range(1, 61) as numbers(i);
create table month_ends as
select cast(last_day(date '2026-10-31' - to_months(cast(m as integer))) as date) as month_end from range(14) as months(m);
create schema marts;
create table marts.customer_rfm_history as
select customer_id, month_end, customer_type, case when not never_paid then 10 + customer_id end as recency_days,
  case when not never_paid then 12 - customer_id % 4 end as frequency_12m,
  case when not never_paid then cast(500000 + customer_id * 1000 as decimal(18, 2)) end as monetary_12m,
  case when not never_paid then 5 - customer_id % 4 end as r_score, case when not never_paid then 5 - customer_id % 4 end as f_score,
  case when not never_paid then 3 end as m_score,
  case when never_paid then 'no_payments' when customer_id = 7 and month_end < date '2026-10-01' then 'loyal'
       else ['champions', 'loyal', 'at_risk', 'lost'][1 + customer_id % 4] end as rfm_group
from base cross join month_ends;
create table marts.cohort_retention as
select cast(date_trunc('month', c.month_end) as date) as cohort_month, cast(age as integer) as months_since, kind as customer_type, 20 as customers,
  cast(20 - age as bigint) as active_customers, 100.0 - 5 * age as retention_pct, cast(900000 - age * 10000 as decimal(18, 2)) as revenue,
  cast(45000 - age * 500 as decimal(18, 2)) as revenue_per_customer
from month_ends c cross join range(14) as ages(age)
cross join (values ('person'), ('organisation')) as kinds(kind) where c.month_end + to_months(cast(age as integer)) <= date '2026-10-31';
create table marts.dim_customers as
select customer_id, 'foris' as source, customer_type, full_name, name_uz as short_name, name_uz, inn, pinfl, passport, region_code, segment,
  case when customer_type = 'organisation' then 'OOO ROMASHKA ' || customer_id
       else ['KARIMOV JASUR', 'YUSUPOVA NIGORA', 'KIM ALEKSEY'][1 + customer_id % 3] || ' ' || customer_id end as name_key,
  msisdn as contact_phone, manager_id
from base;
create table marts.dim_agreements as
select 100 + customer_id as agreement_id, customer_id, 'foris' as source, 'AG-' || lpad(cast(customer_id as varchar), 4, '0') as agreement_number,
  date '2024-02-01' as signed_date, cast(null as date) as end_date, 'active' as status from base;
create table marts.dim_billing_accounts as
select 200 + customer_id as account_id, 100 + customer_id as agreement_id, customer_id, '7700' || lpad(cast(customer_id as varchar), 4, '0') as account_number,
  case when customer_type = 'organisation' then 'postpaid' else 'prepaid' end as payment_type, 'UZS' as currency, 'active' as status,
  cast(1500.5 as decimal(18, 2)) as balance, date '2024-02-01' as opened_date from base;
create table marts.dim_products as
select 1 as product_id, 'Салом 30' as product_name, 'Salom 30' as product_name_uz, 'Salom 30' as product_name_en, 'mobile' as family,
  cast(30000 as decimal(18, 2)) as monthly_fee, 300 as bundle_minutes, 100 as bundle_sms, 10240 as bundle_mb;
create table marts.dim_subscriptions as
select 300 + customer_id as subscription_id, s.valid_from, s.valid_to, s.is_current, 200 + customer_id as account_id, customer_id, msisdn,
  1 as product_id, s.status, s.started_by, cast(null as varchar) as started_reason, date '2024-02-01' as activated_date,
  cast(null as date) as terminated_date
from base cross join (values (date '2024-02-01', date '2025-05-01', false, 'active', 'activated'),
  (date '2025-05-01', date '9999-12-31', true, 'active', 'resumed')) as s(valid_from, valid_to, is_current, status, started_by);
create table marts.dim_devices as
select 300 + customer_id as subscription_id, date '2025-01-01' as valid_from, date '9999-12-31' as valid_to, true as is_current, customer_id,
  'Samsung' as vendor, 'Galaxy A15' as model, 'smartphone' as device_type, 'Android' as os, '14' as os_version, 2024 as release_year from base;
create table marts.dim_contacts as
select customer_id, 'Садыков Бахтиёр' as full_name, 'director' as role, 'decides' as decision_influence, '+998935550000' as phone,
  'b@example.uz' as email, date '2027-01-01' as power_of_attorney_until from base where customer_type = 'organisation';
create table marts.dim_customer_links as
select * from (values (4, 8, 'parent_of', true, true), (8, 12, 'same_director', false, true)) as l(customer_id, linked_customer_id, link_type, is_formal, is_current)
cross join (select date '2024-03-01' as valid_from, date '9999-12-31' as valid_to);
create table marts.dim_departments as
select * from (values ('HQ', null, 'Головной офис', 'head_office', null), ('B2B', 'HQ', 'Продажи B2B', 'unit', null),
  ('KAM', 'B2B', 'Крупные клиенты', 'group', null), ('ANDI', 'HQ', 'Андижанский филиал', 'region', '1703'),
  ('CALL', 'ANDI', 'Контакт-центр', 'group', '1703'))
  as d(department_id, parent_department_id, department_name, kind, region_code);
create table marts.dim_employees as
select * from (values ('E1', 'KAM', 'Рахимов Тимур', 'manager'), ('E2', 'KAM', 'Юлдашева Дилноза', 'manager'),
  ('E3', 'B2B', 'Собиров Акмал', 'head'), ('E4', 'CALL', 'Азизова Мадина', 'operator'))
  as e(employee_id, department_id, full_name, position)
cross join (select cast(null as varchar) as email, cast(null as varchar) as phone, true as is_employed);
create table marts.fct_legal_statuses as
select inn, date '2026-09-01' as valid_from, date '9999-12-31' as valid_to, true as is_current, customer_id,
  case when customer_id = 8 then 'in_liquidation' else 'active' end as legal_status, 'Садыков Бахтиёр' as director_name, 'Ташкент' as address
from base where inn is not null;
create table marts.fct_payments as
select row_number() over () as payment_id, customer_id, 200 + customer_id as account_id, month_end + interval 10 hour as paid_at, month_end as paid_date,
  cast(45000 as decimal(18, 2)) as amount, 'card' as method from base cross join month_ends where not never_paid;
create table marts.fct_invoices as
select customer_id, 200 + customer_id as account_id, 'INV-' || customer_id as invoice_number, date '2026-11-01' as issued_date, date '2026-11-15' as due_date,
  cast(90000 as decimal(18, 2)) as amount from base where customer_type = 'organisation';
create table marts.fct_interactions as
select customer_id, month_end + interval 5 hour as started_at, month_end as interaction_date, 'call' as channel, 'in' as direction, 'tariff' as topic,
  'resolved' as result, 180 as duration_seconds, 9 as nps_score, 'E1' as employee_id from base cross join month_ends;
create table marts.customer_identities as
select 'foris' as source, cast(customer_id as varchar) as source_id, customer_id, true as is_naming_record, full_name,
  case when customer_id <= 2 then 'onec' end as matched_source, case when customer_id <= 2 then 'K-' || customer_id end as matched_source_id,
  case when customer_id <= 2 then 0.9987 end as match_probability, case when customer_id <= 2 then 12.5 end as match_weight,
  case when customer_id <= 2 then 'phone' end as match_rule,
  case when customer_id <= 2 then '[{"field":"phone","level":"exact","weight":16.2,"effect":"strong_for"},{"field":"name","level":"spelling","weight":8.75,"effect":"strong_for"}]' end as match_explanation
from base
union all
select 'onec', 'K-' || customer_id, customer_id, false, full_name, 'foris', cast(customer_id as varchar), 0.9987, 12.5, 'phone',
  '[{"field":"phone","level":"exact","weight":16.2,"effect":"strong_for"}]' from base where customer_id <= 2;
-- Usage: by month for all that is stored, by day for the last three months; the traffic of customer 8 fell in October.
create table marts.fct_usage_daily as
select 300 + customer_id as subscription_id, cast(day as date) as usage_date, cast(date_trunc('month', day) as date) as month,
  200 + customer_id as account_id, customer_id, 60 * (1 + customer_id % 3) as voice_out_onnet_sec, 60 as voice_out_offnet_sec,
  0 as voice_out_intl_sec, 120 as voice_in_sec, customer_id % 4 as sms_out,
  cast(case when customer_id = 8 and day >= date '2026-10-01' then 10 else 100 + customer_id end as decimal(18, 3)) as data_mb,
  0 as roaming_voice_sec, 0 as roaming_sms, cast(0 as decimal(18, 3)) as roaming_data_mb, cast(null as varchar) as roaming_country,
  cast(case when customer_id % 5 = 0 then 500 else 0 end as decimal(18, 2)) as charge_amount
from base cross join generate_series(date '2026-09-01', date '2026-11-22', interval 1 day) as days(day);
create table marts.fct_usage_monthly as
select 300 + customer_id as subscription_id, cast(month as date) as month, 200 + customer_id as account_id, customer_id, 'daily' as measured_by,
  cast(n as integer) as active_days, cast(month as date) as first_usage_date, cast(month + to_days(cast(n as integer) - 1) as date) as last_usage_date,
  n * 60 * (1 + customer_id % 3) as voice_out_onnet_sec, n * 60 as voice_out_offnet_sec, 0 as voice_out_intl_sec, n * 120 as voice_in_sec,
  n * (customer_id % 4) as sms_out,
  cast(n * case when customer_id = 8 and month >= date '2026-10-01' then 10 else 100 + customer_id end as decimal(18, 3)) as data_mb,
  0 as roaming_voice_sec, 0 as roaming_sms, cast(0 as decimal(18, 3)) as roaming_data_mb, 0 as roaming_days, cast(null as varchar) as roaming_country,
  cast(n * case when customer_id % 5 = 0 then 500 else 0 end as decimal(18, 2)) as charge_amount
from base cross join (select month, case when month = date '2026-11-01' then 22 else day(last_day(month)) end as n
  from generate_series(date '2025-09-01', date '2026-11-01', interval 1 month) as months(month));
create table marts.fct_charges as
select row_number() over () as charge_id, 'foris' as source, 200 + customer_id as account_id, 300 + customer_id as subscription_id, customer_id,
  month_end as charge_date, cast(date_trunc('month', month_end) as date) as month, kind as charge_type,
  cast(case when kind = 'recurring' then 40000 else customer_id * 1000 end as decimal(18, 2)) as amount, 'UZS' as currency
from base cross join month_ends cross join (values ('recurring'), ('out_of_bundle')) as kinds(kind);
-- Indicators of the managers E1 and E2: payments of whole months and of the running one, monthly revenue, overdue debt.
create table marts.kpi_catalogue as
select * from (values
  (1, 'revenue', 'flow', 'sum', 'up', 'fct_charges', 'Выручка', 'Начисления', 'Tushum', 'Hisoblar', 'Revenue', 'Charges'),
  (2, 'payments', 'flow', 'sum', 'up', 'fct_payments', 'Собранные платежи', 'Платежи', 'Toʻlovlar', 'Toʻlovlar', 'Payments', 'Payments'),
  (3, 'new_subscriptions', 'flow', 'count', 'up', 'int_subscription_moves', 'Новые подключения', 'Номера', 'Ulanishlar', 'Raqamlar', 'New subscriptions', 'Numbers'),
  (4, 'overdue_debt', 'level', 'sum', 'down', 'fct_debt_monthly', 'Просроченный долг', 'Долг', 'Qarz', 'Qarz', 'Overdue debt', 'Debt'))
  as k(position, kpi, kind, unit, better, counted_from, label_ru, told_ru, label_uz, told_uz, label_en, told_en);
create table marts.customer_results as
with days as (
  select customer_id, manager_id as employee_id, month_end from base cross join month_ends where manager_id is not null)
select kpi, customer_id, employee_id, result_date, cast(date_trunc('month', result_date) as date) as month, cast(value as decimal(18, 2)) as value
from (
  select 'revenue' as kpi, customer_id, employee_id, month_end as result_date, 40000 + customer_id * 1000 as value from days
  union all
  select 'payments', customer_id, employee_id, cast(month_end - to_days(cast(5 + customer_id % 20 as integer)) as date), 45000 from days where customer_id < 59
  union all
  select 'payments', customer_id, employee_id, date '2026-11-10', 45000 from days where customer_id % 12 = 0 and month_end = date '2026-10-31'
  union all
  select 'new_subscriptions', customer_id, employee_id, cast(month_end - interval 3 day as date), 1 from days where customer_id % 12 = 0
  union all
  select 'overdue_debt', customer_id, employee_id, month_end, 30000 from days
  union all
  select 'overdue_debt', customer_id, employee_id, date '2026-11-22', 30000 from days where month_end = date '2026-10-31');
create table marts.employee_results as
select employee_id, kpi, result_date, month, cast(sum(value) as decimal(18, 2)) as value, count(*) as customers
from marts.customer_results group by all;
create table marts.fct_debt_monthly as
select 200 + customer_id as account_id, month_end, cast(date_trunc('month', month_end) as date) as month, month_end as measured_date, customer_id,
  cast(90000 as decimal(18, 2)) as debt_amount, cast(60000 as decimal(18, 2)) as not_due_amount, cast(30000 as decimal(18, 2)) as overdue_1_30_amount,
  cast(0 as decimal(18, 2)) as overdue_31_60_amount, cast(0 as decimal(18, 2)) as overdue_61_90_amount, cast(0 as decimal(18, 2)) as overdue_over_90_amount,
  12 as overdue_days, 1 as open_invoices
from base cross join month_ends where customer_type = 'organisation';
