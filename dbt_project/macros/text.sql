{# Phone in the international form +998XXXXXXXXX; null when it cannot be one. #}
{% macro normalise_phone(expression) -%}
  {%- set digits -%} regexp_replace(cast({{ expression }} as varchar), '[^0-9]', '', 'g') {%- endset -%}
  case
    when length({{ digits }}) = 9 then '+998' || {{ digits }}
    when length({{ digits }}) = 12 and {{ digits }} like '998%' then '+' || {{ digits }}
    when length({{ digits }}) = 10 and {{ digits }} like '8%' then '+998' || substr({{ digits }}, 2)
  end
{%- endmacro %}

{# Only digits of an identifier of an exact length (INN 9, PINFL 14); null otherwise. #}
{% macro digits_or_null(expression, length) -%}
  case when length(regexp_replace(cast({{ expression }} as varchar), '[^0-9]', '', 'g')) = {{ length }}
       then regexp_replace(cast({{ expression }} as varchar), '[^0-9]', '', 'g') end
{%- endmacro %}

{# Trimmed text with single spaces; null when nothing is left. #}
{% macro clean_text(expression) -%}
  nullif(trim(regexp_replace(cast({{ expression }} as varchar), '\s+', ' ', 'g')), '')
{%- endmacro %}

{# Upper-case Latin form of a Cyrillic or Latin text, Uzbek and Russian letters alike. #}
{% macro latinise(expression) -%}
  {%- set ns = namespace(sql="upper(" ~ expression ~ ")") -%}
  {%- for cyrillic, latin in [('Щ', 'SHCH'), ('Ш', 'SH'), ('Ч', 'CH'), ('Ж', 'J'), ('Ц', 'TS'), ('Ю', 'YU'), ('Я', 'YA'), ('Ё', 'YO')] -%}
    {%- set ns.sql = "replace(" ~ ns.sql ~ ", '" ~ cyrillic ~ "', '" ~ latin ~ "')" -%}
  {%- endfor -%}
  translate({{ ns.sql }}, 'АБВГҒДЕЗИЙКҚЛМНОЎПРСТУФХҲЪЫЬЭ''`ʻʼ’‘', 'ABVGGDEZIYKQLMNOOPRSTUFXHIE')
{%- endmacro %}

{# Key for comparing names written in either script: the spellings KH/X/H, ZH/J, Q/K, YO/E and doubled letters fall together. #}
{% macro name_key(expression) -%}
  {%- set ns = namespace(sql=latinise(expression)) -%}
  {%- for from_text, to_text in [('KH', 'H'), ('X', 'H'), ('ZH', 'J'), ('DJ', 'J'), ('Q', 'K'), ('YO', 'E'), ('IY', 'I'), ('YE', 'E')] -%}
    {%- set ns.sql = "replace(" ~ ns.sql ~ ", '" ~ from_text ~ "', '" ~ to_text ~ "')" -%}
  {%- endfor -%}
  nullif(trim(regexp_replace(regexp_replace({{ ns.sql }}, '[^A-Z0-9]+', ' ', 'g'), '\s+', ' ', 'g')), '')
{%- endmacro %}

{# Name key of an organisation: without its legal form, which every system abbreviates in its own way. #}
{% macro organisation_key(expression) -%}
  nullif(trim(regexp_replace(regexp_replace(
    ' ' || coalesce({{ name_key(expression) }}, '') || ' ',
    ' (OOO|OAO|ZAO|PAO|AO|AJ|MCHJ|MCHJ KK|HK|KK|HCHJ|LLC|JSC|CHP|YATT|GUP|DUK|SP|KQ|TOO) ', ' ', 'g'), '\s+', ' ', 'g')), '')
{%- endmacro %}

{# The number of the invoice that the purpose of a payment names («оплата по счёту № 17/3», hisob-faktura №…); null if none. #}
{% macro invoice_number_in(expression) -%}
  nullif(regexp_extract(
    {{ expression }},
    '(?i)(?:сч[её]т[а-яё-]*|hisob[a-z-]*|invoice)\s*(?:№|N|#)?\s*([A-Za-zА-Яа-я0-9/_-]*[0-9][A-Za-zА-Яа-я0-9/_-]*)', 1), '')
{%- endmacro %}
