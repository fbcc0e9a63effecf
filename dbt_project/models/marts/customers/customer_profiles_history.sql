-- One complete month at a time: a month reads the look-back before it, never more, so its cost does not grow with the
-- number of months stored. A late row of a month is felt in every profile that still looks back at that month.
{{ config(
    materialized='month_partition', month_column='month_end', fill_months=true, batch_rows=-1, customers_a_pass=200000,
    reach=var('profile_lookback_months') - 1,
    months_from=[['int_customer_months', 'month']]) }}

select * from (
{{ profile_at(month_end()) }}
) as profiles
where {{ month_end() }} <= {{ as_of() }}
