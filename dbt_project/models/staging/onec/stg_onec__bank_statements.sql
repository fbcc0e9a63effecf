{{ config(materialized='table') }}

{{ staged_bank_statements('onec') }}
