{# A table with customers as its grain, built in passes (see customer_passes). One transaction: a killed run leaves the old
   table. #}
{% materialization customer_passes, adapter='duckdb' %}
  {% set target_relation = this.incorporate(type='table') %}
  {% set existing = load_cached_relation(this) %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {% do replace_by_empty(existing, target_relation, compiled_code, 'main') %}
  {% do insert_passes(target_relation, compiled_code) %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Put an empty table with the columns of the model in the place of what is there. dbt wants one statement called `main`. #}
{% macro replace_by_empty(existing, target_relation, compiled_code, statement_name) %}
  {% if existing is not none %}
    {% do adapter.drop_relation(existing) %}
  {% endif %}
  {% call statement(statement_name) -%}
    {{ create_table_as(False, target_relation, 'select * from (' ~ compiled_code ~ ') as no_rows where false') }}
  {%- endcall %}
{% endmacro %}

{# Insert the rows of every pass; sorted when the config `order_by` says so, for those who read a range of customers. #}
{% macro insert_passes(target_relation, compiled_code) %}
  {% set columns = adapter.get_columns_in_relation(target_relation) | map(attribute='quoted') | join(', ') %}
  {% set passes = customer_passes() %}
  {% for first, last in passes or [[none, none]] %}
    {% if passes %}{% do set_pass(first, last) %}{% endif %}
    {% call statement('insert_pass') -%}
      insert into {{ target_relation }} ({{ columns }}) select {{ columns }} from ({{ compiled_code }}) as built
      {%- if config.get('order_by') %} order by {{ config.get('order_by') }}{% endif %}
    {%- endcall %}
  {% endfor %}
  {% if passes %}{% do reset_pass() %}{% endif %}
{% endmacro %}
