{# Bank statements in 1C's exchange format look alike whichever source brings them. #}
{% macro staged_bank_documents(source_name) %}
select
  document_key,
  statement_file,
  statement_account,
  document_type,
  document_number,
  document_date,
  amount,
  debited_date,
  credited_date,
  payer_name,
  payer_inn,
  payer_account,
  payer_bank_code,
  recipient_name,
  recipient_inn,
  recipient_account,
  purpose,
  direction
from {{ source(source_name, 'bank_document') }}
{{ keep_latest('document_key', version=none) }}
{% endmacro %}

{% macro staged_bank_statements(source_name) %}
select
  statement_key,
  statement_file,
  account,
  period_start,
  period_end,
  opening_balance,
  received_total,
  debited_total,
  closing_balance,
  documents_in,
  documents_out,
  balance_difference
from {{ source(source_name, 'bank_statement') }}
{{ keep_latest('statement_key', version=none) }}
{% endmacro %}
