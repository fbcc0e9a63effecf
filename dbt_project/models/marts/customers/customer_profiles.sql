{{ config(materialized='customer_passes', customers_a_pass=200000) }}

{{ profile_at(as_of()) }}
