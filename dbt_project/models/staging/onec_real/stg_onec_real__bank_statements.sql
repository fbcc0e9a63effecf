{{ config(materialized='table') }}

{{ staged_bank_statements('onec_real') }}
