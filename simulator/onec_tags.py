"""Which XML elements the accounting system uses: entity → (root, element of a row, contract column → field)."""

DOCUMENTS = {
    "counterparty": ("Контрагенты", "Контрагент", {
        "counterparty_id": "Код", "kind": "Вид", "name": "Наименование", "inn": "ИНН", "pinfl": "ПИНФЛ",
        "phone": "Телефон", "birth_date": "ДатаРождения", "address": "Адрес", "updated_date": "ДатаИзменения"}),
    "invoice": ("СчетаФактуры", "СчетФактура", {
        "invoice_key": "Ссылка", "number": "Номер", "invoice_date": "Дата", "counterparty_id": "КонтрагентКод",
        "counterparty_inn": "КонтрагентИНН", "amount": "Сумма", "vat_amount": "СуммаНДС", "currency": "Валюта",
        "foris_invoice_number": "НомерСчетаБиллинга"}),
    "reconciliation_act": ("АктыСверки", "АктСверки", {
        "act_key": "Ссылка", "number": "Номер", "period_start": "НачалоПериода", "period_end": "КонецПериода",
        "counterparty_inn": "КонтрагентИНН", "opening_balance": "НачальноеСальдо", "debit_turnover": "ОборотДебет",
        "credit_turnover": "ОборотКредит", "closing_balance": "КонечноеСальдо", "is_signed": "Подписан"}),
}  # fmt: skip
