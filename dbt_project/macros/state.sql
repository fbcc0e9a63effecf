{# Empty resolution tables until `parties` has run once: then every billing customer stands for itself. #}
{% macro create_resolution_tables() %}
  create schema if not exists resolved;
  create table if not exists resolved.party_members (party_id bigint, source varchar, source_id varchar);
  create table if not exists resolved.party_matches (
    source_l varchar, source_id_l varchar, source_r varchar, source_id_r varchar,
    match_probability double, match_weight double, rule varchar, explanation varchar
  );
{% endmacro %}

{# What the month partitions were built with: a change of code or of identities makes their old months wrong. #}
{% macro create_build_state() %}
  create schema if not exists build_state;
  create table if not exists build_state.month_partitions (
    model varchar primary key, code_hash varchar, built_as_of date, identity_epoch bigint
  );
  create table if not exists build_state.identities (source varchar, source_id varchar, customer_id bigint);
  create table if not exists build_state.identity_epochs (epoch bigint, begun_as_of date);
{% endmacro %}

{# After the identities were rebuilt: a new epoch begins when a record known before now belongs to another customer. #}
{% macro note_identity_changes() %}
  insert into build_state.identity_epochs
  select coalesce((select max(epoch) from build_state.identity_epochs), 0) + 1, {{ as_of() }}
  where exists (
    select 1 from build_state.identities as before
    join {{ this }} as now on now.source = before.source and now.source_id = before.source_id
    where now.customer_id is distinct from before.customer_id
  );
  delete from build_state.identities;
  insert into build_state.identities
  select source, source_id, customer_id from {{ this }} where is_customer_record;
{% endmacro %}
