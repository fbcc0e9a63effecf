{# Last day of the last complete calendar month on a date: the date itself when it ends a month. #}
{% macro profile_month_end(d) -%}
  case when {{ d }} = {{ last_day_of(d) }} then {{ d }} else {{ days_before(month_of(d), 1) }} end
{%- endmacro %}

{# First day of the month that lies `months` before the last full month of a date. #}
{% macro profile_month(d, months=0) -%}
  {{ add_months(month_of('(' ~ profile_month_end(d) ~ ')'), '-' ~ months) }}
{%- endmacro %}

{# Sum of a monthly measure over a window of full months: `months` long, beginning `skip` months before the last full one.
   months_ago is 0 in the last full month and -1 in the running month. #}
{% macro window_sum(measure, months, skip=0) -%}
  coalesce(sum(case when months_ago between {{ skip }} and {{ skip + months - 1 }} then {{ measure }} end), 0)
{%- endmacro %}

{# A monthly measure in one full month, `skip` months before the last one. A customer has one row a month, so the maximum is
   the value, and it takes less memory than a sum. #}
{% macro in_month(measure, skip=0) -%}
  coalesce(max(case when months_ago = {{ skip }} then {{ measure }} end), 0)
{%- endmacro %}

{# A monthly measure in the running month up to the profile date. #}
{% macro in_running_month(measure) -%}
  coalesce(max(case when months_ago < 0 then {{ measure }} end), 0)
{%- endmacro %}

{# Seconds as minutes. #}
{% macro minutes(seconds) -%}
  round(cast({{ seconds }} as double) / 60, 2)
{%- endmacro %}

{# Average a month of a windowed sum: over the window, or over the months as a subscriber when these are fewer. #}
{% macro month_average(total, months, tenure_months) -%}
  round(cast({{ total }} as double) / nullif(least({{ months }}, {{ tenure_months }}), 0), 2)
{%- endmacro %}

{# Change of `present` against `past`, in percent; null when there is nothing to compare with. #}
{% macro change_pct(present, past) -%}
  round(100 * (cast({{ present }} as double) - cast({{ past }} as double)) / nullif(cast({{ past }} as double), 0), 2)
{%- endmacro %}

{# Share of `part` in `whole`, in percent; null when the whole is nothing. #}
{% macro share_pct(part, whole) -%}
  round(100 * cast({{ part }} as double) / nullif(cast({{ whole }} as double), 0), 2)
{%- endmacro %}

{# How many full months in a row, back from the last one, a measure fell against the month before; at most `depth`.
   `prefix` names columns <prefix>_0 (last full month) .. <prefix>_<depth>; 0 for who has no months at all. #}
{% macro falls_in_a_row(prefix, depth) -%}
  case
    when {{ prefix }}_0 is null then 0
    {%- for step in range(depth) %}
    when {{ prefix }}_{{ step }} >= {{ prefix }}_{{ step + 1 }} then {{ step }}
    {%- endfor %}
    else {{ depth }}
  end
{%- endmacro %}

{# A customer month with usage, a charge or a payment. #}
{% macro is_active_month() -%}
  (usage_active_days > 0 or charge_amount > 0 or payment_amount > 0)
{%- endmacro %}

{# Complete years from one date to another. #}
{% macro complete_years(from_date, to_date) -%}
  year({{ to_date }}) - year({{ from_date }}) - case
    when month({{ to_date }}) * 100 + day({{ to_date }}) < month({{ from_date }}) * 100 + day({{ from_date }}) then 1 else 0
  end
{%- endmacro %}

{# Days to the next birthday, counted in whole years from the birth date so that 29 February is handled by the calendar. #}
{% macro days_to_birthday(birth_date, d) -%}
  {{ days_between(d, 'case when ' ~ add_months(birth_date, '(year(' ~ d ~ ') - year(' ~ birth_date ~ ')) * 12') ~ ' >= ' ~ d
     ~ ' then ' ~ add_months(birth_date, '(year(' ~ d ~ ') - year(' ~ birth_date ~ ')) * 12')
     ~ ' else ' ~ add_months(birth_date, '(year(' ~ d ~ ') - year(' ~ birth_date ~ ') + 1) * 12') ~ ' end') }}
{%- endmacro %}
