{# A wide table of customers is built in passes over ranges of customer_id, so that memory stays at one pass however many
   customers there are. The bounds are session variables; where none are set (a unit test, a plain compile), all customers
   are one pass. #}
{% macro customers_in_pass(customer_id) -%}{{ adapter.dispatch('customers_in_pass')(customer_id) }}{%- endmacro %}
{% macro default__customers_in_pass(customer_id) -%}true{%- endmacro %}
{% macro duckdb__customers_in_pass(customer_id) -%}
  {{ customer_id }} between coalesce(getvariable('first_customer'), 0)
      and coalesce(getvariable('last_customer'), {{ 2 ** 62 }})
{%- endmacro %}

{# The passes of a model as [first, last] pairs of customer ids, `customers_a_pass` customers in each; none when the model
   has no such config and is built at once. #}
{% macro customer_passes() %}
  {% set size = config.get('customers_a_pass') %}
  {% if not size %}
    {{ return([]) }}
  {% endif %}
  {% set sql %}
    select min(customer_id), max(customer_id)
    from (
      select customer_id, (row_number() over (order by customer_id) - 1) // {{ size }} as pass from {{ ref('dim_customers') }}
    ) as numbered
    group by pass order by 1
  {% endset %}
  {% set passes = [] %}
  {% for first, last in run_query(sql).rows %}
    {% do passes.append([first | int, last | int]) %}
  {% endfor %}
  {{ return(passes) }}
{% endmacro %}

{# Set the customers that customers_in_pass() stands for. #}
{% macro set_pass(first, last) %}
  {% do run_query('set variable first_customer = ' ~ first ~ '::bigint') %}
  {% do run_query('set variable last_customer = ' ~ last ~ '::bigint') %}
{% endmacro %}

{# Let it stand for all customers again. #}
{% macro reset_pass() %}
  {% do run_query('reset variable first_customer') %}
  {% do run_query('reset variable last_customer') %}
{% endmacro %}
