{{ config(materialized='table') }}

{{ staged_bank_documents('onec_real') }}
