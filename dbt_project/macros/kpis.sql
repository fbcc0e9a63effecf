{# The key performance indicators of managers as data. A new one is an entry here: where its rows are, whose day and value
   count, and how people call it. `kind`: a flow adds up over a period; a level is measured at the end of each month (of
   the running month: at as_of). `better` says which way is good. `unit`: sum is soʻm, count is pieces. #}
{% macro kpi_definitions() %}
  {{ return([
    {'code': 'revenue', 'kind': 'flow', 'unit': 'sum', 'better': 'up',
     'from': 'fct_charges', 'day': 'charge_date', 'value': 'amount', 'where': 'true',
     'ru': 'Выручка', 'uz': 'Tushum', 'en': 'Revenue',
     'told_ru': 'Начисления клиентам менеджера', 'told_uz': 'Menejer mijozlariga hisoblangan summalar',
     'told_en': "Charges of the manager's clients"},
    {'code': 'payments', 'kind': 'flow', 'unit': 'sum', 'better': 'up',
     'from': 'fct_payments', 'day': 'paid_date', 'value': 'amount', 'where': 'true',
     'ru': 'Собранные платежи', 'uz': 'Yigʻilgan toʻlovlar', 'en': 'Payments collected',
     'told_ru': 'Платежи клиентов менеджера', 'told_uz': 'Menejer mijozlarining toʻlovlari',
     'told_en': "Payments of the manager's clients"},
    {'code': 'new_subscriptions', 'kind': 'flow', 'unit': 'count', 'better': 'up',
     'from': 'int_subscription_moves', 'day': 'move_date', 'value': 'move', 'where': "kind = 'opened'",
     'ru': 'Новые подключения', 'uz': 'Yangi ulanishlar', 'en': 'New subscriptions',
     'told_ru': 'Впервые активированные номера', 'told_uz': 'Birinchi marta faollashtirilgan raqamlar',
     'told_en': 'Numbers activated for the first time'},
    {'code': 'sim_base_change', 'kind': 'flow', 'unit': 'count', 'better': 'up',
     'from': 'int_subscription_moves', 'day': 'move_date', 'value': 'move', 'where': "kind = 'active_base'",
     'ru': 'Прирост активных SIM', 'uz': 'Faol SIMlar oʻsishi', 'en': 'Net change of active SIMs',
     'told_ru': 'Номера, ставшие активными, минус переставшие', 'told_uz': 'Faollashgan raqamlar minus faolligi toʻxtaganlar',
     'told_en': 'Numbers that became active less those that ceased to be'},
    {'code': 'new_organisations', 'kind': 'flow', 'unit': 'count', 'better': 'up',
     'from': 'dim_customers', 'day': 'created_date', 'value': '1', 'where': "customer_type = 'organisation'",
     'ru': 'Новые организации', 'uz': 'Yangi tashkilotlar', 'en': 'New organisations',
     'told_ru': 'Организации, заведённые в биллинге', 'told_uz': 'Billingda ochilgan tashkilotlar',
     'told_en': 'Organisations registered in the billing'},
    {'code': 'overdue_debt', 'kind': 'level', 'unit': 'sum', 'better': 'down',
     'from': 'fct_debt_monthly', 'day': 'measured_date', 'value': 'debt_amount - not_due_amount', 'where': 'true',
     'ru': 'Просроченный долг', 'uz': 'Muddati oʻtgan qarz', 'en': 'Overdue debt',
     'told_ru': 'Долг после срока оплаты на конец периода', 'told_uz': 'Davr oxiridagi muddati oʻtgan qarz',
     'told_en': 'Debt past its due date at the end of the period'},
    {'code': 'churned_clients', 'kind': 'flow', 'unit': 'count', 'better': 'down',
     'from': 'int_subscription_moves', 'day': 'move_date', 'value': 'move', 'where': "kind = 'customer_left'",
     'ru': 'Ушедшие клиенты', 'uz': 'Ketgan mijozlar', 'en': 'Churned clients',
     'told_ru': 'Клиенты, у которых закрыт последний номер', 'told_uz': 'Oxirgi raqami yopilgan mijozlar',
     'told_en': 'Clients whose last number was closed'}
  ]) }}
{% endmacro %}
