"""What people read about a broken rule, in ru, uz and en.

Texts only, by message key; the rules themselves are in `checks`. Placeholders: {field} the label of the column,
{value} what was found, and the rule's own arguments.
"""

from collections.abc import Mapping
from typing import Any

from data_contracts.checks import Check, compile_checks
from data_contracts.model import Contract

LANGUAGES = ("ru", "uz", "en")
SHOWN = 120

CATALOGUE: Mapping[str, Mapping[str, str]] = {
    "row": {"ru": "строка {line}: ", "uz": "{line}-qator: ", "en": "row {line}: "},
    "empty_value": {"ru": "пусто", "uz": "bo‘sh", "en": "nothing"},
    "row.required": {
        "ru": "поле «{field}» должно быть заполнено",
        "uz": "«{field}» maydoni to‘ldirilishi shart",
        "en": "field «{field}» must be filled in",
    },
    "row.type.integer": {
        "ru": "поле «{field}» должно быть целым числом, получено «{value}»",
        "uz": "«{field}» maydoni butun son bo‘lishi kerak, kelgan qiymat: «{value}»",
        "en": "field «{field}» must be a whole number, found «{value}»",
    },
    "row.type.number": {
        "ru": "поле «{field}» должно быть числом вида {type}, получено «{value}»",
        "uz": "«{field}» maydoni {type} ko‘rinishidagi son bo‘lishi kerak, kelgan qiymat: «{value}»",
        "en": "field «{field}» must be a number that fits {type}, found «{value}»",
    },
    "row.type.date": {
        "ru": "поле «{field}» должно быть датой, получено «{value}»",
        "uz": "«{field}» maydoni sana bo‘lishi kerak, kelgan qiymat: «{value}»",
        "en": "field «{field}» must be a date, found «{value}»",
    },
    "row.type.timestamp": {
        "ru": "поле «{field}» должно быть датой и временем, получено «{value}»",
        "uz": "«{field}» maydoni sana va vaqt bo‘lishi kerak, kelgan qiymat: «{value}»",
        "en": "field «{field}» must be a date and time, found «{value}»",
    },
    "row.type.boolean": {
        "ru": "поле «{field}» должно быть «да» или «нет», получено «{value}»",
        "uz": "«{field}» maydoni «ha» yoki «yo‘q» bo‘lishi kerak, kelgan qiymat: «{value}»",
        "en": "field «{field}» must be true or false, found «{value}»",
    },
    "row.min_length": {
        "ru": "поле «{field}» короче {length} знаков: «{value}»",
        "uz": "«{field}» maydoni {length} belgidan qisqa: «{value}»",
        "en": "field «{field}» is shorter than {length} characters: «{value}»",
    },
    "row.max_length": {
        "ru": "поле «{field}» длиннее {length} знаков: «{value}»",
        "uz": "«{field}» maydoni {length} belgidan uzun: «{value}»",
        "en": "field «{field}» is longer than {length} characters: «{value}»",
    },
    "row.pattern": {
        "ru": "поле «{field}» не соответствует образцу {pattern}: «{value}»",
        "uz": "«{field}» maydoni {pattern} namunasiga mos emas: «{value}»",
        "en": "field «{field}» does not match the pattern {pattern}: «{value}»",
    },
    "row.minimum": {
        "ru": "поле «{field}» должно быть не меньше {limit}, получено «{value}»",
        "uz": "«{field}» maydoni {limit} dan kam bo‘lmasligi kerak, kelgan qiymat: «{value}»",
        "en": "field «{field}» must be at least {limit}, found «{value}»",
    },
    "row.exclusive_minimum": {
        "ru": "поле «{field}» должно быть больше {limit}, получено «{value}»",
        "uz": "«{field}» maydoni {limit} dan katta bo‘lishi kerak, kelgan qiymat: «{value}»",
        "en": "field «{field}» must be above {limit}, found «{value}»",
    },
    "row.maximum": {
        "ru": "поле «{field}» должно быть не больше {limit}, получено «{value}»",
        "uz": "«{field}» maydoni {limit} dan oshmasligi kerak, kelgan qiymat: «{value}»",
        "en": "field «{field}» must be at most {limit}, found «{value}»",
    },
    "row.exclusive_maximum": {
        "ru": "поле «{field}» должно быть меньше {limit}, получено «{value}»",
        "uz": "«{field}» maydoni {limit} dan kichik bo‘lishi kerak, kelgan qiymat: «{value}»",
        "en": "field «{field}» must be below {limit}, found «{value}»",
    },
    "row.allowed": {
        "ru": "поле «{field}» может принимать значения {values}; получено «{value}»",
        "uz": "«{field}» maydonida faqat {values} qiymatlari bo‘lishi mumkin; kelgan qiymat: «{value}»",
        "en": "field «{field}» must be one of {values}; found «{value}»",
    },
    "row.field_count": {
        "ru": "в строке больше или меньше полей, чем нужно",
        "uz": "qatordagi maydonlar soni kerakligidan ko‘p yoki kam",
        "en": "the row has too many or too few fields",
    },
    "row.unclosed_quote": {
        "ru": "в строке не закрыта кавычка",
        "uz": "qatorda qo‘shtirnoq yopilmagan",
        "en": "a quotation mark in the row is not closed",
    },
    "row.unreadable": {
        "ru": "строку не удалось прочитать",
        "uz": "qatorni o‘qib bo‘lmadi",
        "en": "the row cannot be read",
    },
    "row.json": {
        "ru": "строка не является объектом JSON",
        "uz": "qator JSON obyekti emas",
        "en": "the row is not a JSON object",
    },
    "batch.unique": {
        "ru": "ключ «{value}» уже встречался в этой поставке",
        "uz": "«{value}» kaliti shu yetkazmada avval uchragan",
        "en": "the key «{value}» came earlier in the same delivery",
    },
    "batch.reference": {
        "ru": "поле «{field}»: «{value}» не найдено в {table}",
        "uz": "«{field}» maydoni: «{value}» {table} jadvalida topilmadi",
        "en": "field «{field}»: «{value}» is unknown in {table}",
    },
    "delivery.columns_missing": {
        "ru": "в поставке нет полей: {columns}",
        "uz": "yetkazmada quyidagi maydonlar yo‘q: {columns}",
        "en": "the delivery lacks the fields: {columns}",
    },
    "delivery.columns_added": {
        "ru": "в поставке есть поля, которых нет в контракте: {columns}",
        "uz": "yetkazmada kontraktda yo‘q maydonlar bor: {columns}",
        "en": "the delivery has fields that the contract does not know: {columns}",
    },
    "delivery.empty": {
        "ru": "поставка пуста, а строки ожидались",
        "uz": "yetkazma bo‘sh, vaholanki qatorlar kutilgan edi",
        "en": "the delivery is empty where rows are expected",
    },
    "delivery.volume": {
        "ru": "в поставке {rows} строк, обычно около {usual} ({percent} %): объём упал слишком сильно",
        "uz": "yetkazmada {rows} qator, odatda {usual} atrofida ({percent} %): hajm keskin kamaygan",
        "en": "the delivery has {rows} rows where about {usual} are usual ({percent} %): the volume collapsed",
    },
}


def text(message_key: str, language: str, **args: Any) -> str:
    """The text of `message_key`; English stands in for an unknown language. KeyError for an unknown key."""
    entry = CATALOGUE[message_key]
    return entry.get(language, entry["en"]).format(**args)


def check_text(
    check: Check, language: str, contract: Contract, value: str | None = None, line: int | None = None, **more: Any
) -> str:
    """One sentence about one broken rule: "row 17: field «Usage date» must be a date, found «2024-13-01»".

    `value` is shortened to 120 characters. `more` are the arguments of a delivery fault.
    """
    args: dict[str, Any] = {**check.args, **more}
    if isinstance(args.get("values"), tuple):
        args["values"] = ", ".join(args["values"])
    label = contract.column(check.column).label(language) if check.column else ""
    shown = text("empty_value", language) if value is None else value[:SHOWN] + ("…" if len(value) > SHOWN else "")
    sentence = text(check.message_key, language, field=label, value=shown, **args)
    return sentence if line is None else text("row", language, line=line) + sentence


def fault_text(
    contract: Contract, rule_id: str, language: str, value: str | None = None, line: int | None = None
) -> str:
    """The sentence for a row of quarantine, which stores the rule by its id.

    A row that could not be read at all breaks a rule of its format, not of the contract. A rule that the contract no
    longer has (it was changed since) is shown by its id.
    """
    check = next((check for check in compile_checks(contract) if check.rule_id == rule_id), None)
    if check is not None:
        return check_text(check, language, contract, value, line)
    if rule_id not in CATALOGUE:
        return rule_id
    sentence = text(rule_id, language)
    return sentence if line is None else text("row", language, line=line) + sentence
