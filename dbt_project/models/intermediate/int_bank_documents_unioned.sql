{{ config(materialized='view') }}

-- Payment documents of the bank statements of every enabled source.
{{ union_interface('bank_documents', [
  ['document_key', 'varchar'], ['statement_file', 'varchar'], ['statement_account', 'varchar'],
  ['document_type', 'varchar'], ['document_number', 'varchar'], ['document_date', 'date'],
  ['amount', 'decimal(18, 2)'], ['debited_date', 'date'], ['credited_date', 'date'],
  ['payer_name', 'varchar'], ['payer_inn', 'varchar'], ['payer_account', 'varchar'], ['payer_bank_code', 'varchar'],
  ['recipient_name', 'varchar'], ['recipient_inn', 'varchar'], ['recipient_account', 'varchar'],
  ['purpose', 'varchar'], ['direction', 'varchar'],
]) }}
