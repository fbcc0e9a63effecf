{# The models that a segment may ask about, in their order: each has `segment_entities` in its meta (graph, so execute only). #}
{% macro segment_models() -%}
  {%- set found = [] -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.segment_entities -%}
    {%- do found.append({'position': node.config.meta.segment_entities[0].position, 'node': node}) -%}
  {%- endfor -%}
  {{ return(found | sort(attribute='position') | map(attribute='node') | list) }}
{%- endmacro %}

{# A text, or null where the meta says nothing. #}
{% macro sql_text_or_null(value) -%}
  {%- if value is none or value is not defined or value == '' -%} null {%- else -%} {{ sql_text(value) }} {%- endif -%}
{%- endmacro %}
