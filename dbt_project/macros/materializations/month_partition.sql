{# A fact that is built month by month: memory stays at one month and a day's delta costs a day's month.

   The model's SQL filters its inputs with {{ month_start() }} / {{ month_end() }} (or in_built_months) and must give the
   right rows for any run of whole months between them. Config: `month_column` (date, first day or any day of the month;
   default `month`), `months_from`, `reach`, `batch_rows` (see months_to_build).
   One transaction: a killed run leaves the old table. Old months are rebuilt when the code, the columns or the
   customer a record belongs to have changed, or when as_of moved back; with `by_churn_definition` also when churn means
   something else than it did. #}
{% materialization month_partition, adapter='duckdb' %}
  {% set target_relation = this.incorporate(type='table') %}
  {% set existing = load_cached_relation(this) %}
  {% set month_column = config.get('month_column', 'month') %}
  {% set definition = churn_definition_text() if config.get('by_churn_definition', false) else '' %}
  {% set code_hash = local_md5(model.compiled_code | replace(as_of(), '') ~ definition) %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% set epoch = run_query('select coalesce(max(epoch), 0) from build_state.identity_epochs').columns[0].values()[0] %}
  {% set built_as_of = month_partition_built_as_of(existing, code_hash, epoch) %}
  {% set rebuild = built_as_of is none %}
  {% do set_months('1970-01-01', '1970-01-01') %}
  {% set batches = months_to_build(rebuild, built_as_of) %}

  {% if rebuild %}
    {% do replace_by_empty(existing, target_relation, compiled_code, 'create_empty') %}
  {% endif %}
  {% for first_day, last_day in batches %}
    {% do set_months(first_day, last_day) %}
    {% if not rebuild %}
      {% call statement('delete_months') -%}
        delete from {{ target_relation }} where {{ month_column }} between {{ month_start() }} and {{ month_end() }}
      {%- endcall %}
    {% endif %}
    {% do insert_passes(target_relation, compiled_code) %}
  {% endfor %}
  {% call statement('main') -%}
    insert or replace into build_state.month_partitions
    values ('{{ this.identifier }}', '{{ code_hash }}', {{ as_of() }}, {{ epoch }})
  {%- endcall %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Set the months that {{ month_start() }} and {{ month_end() }} stand for. #}
{% macro set_months(first_day, last_day) %}
  {% do run_query("set variable month_start = date '" ~ first_day ~ "'") %}
  {% do run_query("set variable month_end = date '" ~ last_day ~ "'") %}
{% endmacro %}

{# The as_of of the last build when only a delta is needed; none when every month has to be built. #}
{% macro month_partition_built_as_of(existing, code_hash, epoch) %}
  {% if should_full_refresh() or existing is none or existing.is_view or changed_months() == 'all' %}
    {{ return(none) }}
  {% endif %}
  {% set sql %}
    select strftime(built_as_of, '%Y-%m-%d') from build_state.month_partitions
    where model = '{{ this.identifier }}' and code_hash = '{{ code_hash }}'
      and identity_epoch = {{ epoch }} and built_as_of <= {{ as_of() }}
  {% endset %}
  {% set rows = run_query(sql).rows %}
  {{ return(rows[0][0] if rows | length else none) }}
{% endmacro %}
