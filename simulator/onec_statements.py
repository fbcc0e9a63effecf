"""Weekly bank statements in 1CClientBankExchange 1.03: what customers paid in, what the operator paid out."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.foris_reference import organisation_inn
from simulator.organisations import spell_organisations
from simulator.randomness import stream
from simulator.timeline import Timeline

OPERATOR_NAME, OPERATOR_INN = 'ООО "VITRINA TELECOM"', "207318460"
OWN_ACCOUNTS = ("20208000900123456001", "20208000500123456002")
OWN_BANK = ("00440", 'АКБ "Алокабанк"')
BANKS = (("00014", 'АО "Ипотека-банк"'), ("00069", 'АКБ "Капиталбанк"'), ("00842", 'НБ ВЭД РУз'), ("00974",
    'АКБ "Узпромстройбанк"'),
         ("01071", 'АКБ "Hamkorbank"'))  # fmt: skip
_PURPOSES_OUT = ("Выплата заработной платы за {month}", "Оплата аренды площадок базовых станций за {month}",
                 "Налог на добавленную стоимость за {month}", "Оплата за оборудование по договору №{number}",
                 "Комиссия банка за расчетное обслуживание")  # fmt: skip
_SUPPLIERS = (('ООО "TOWER SERVIS"', "302114567"), ('АО "ЭЛЕКТРОСЕТИ"', "200345671"), ('ГНИ г. Ташкента', "201122334"),
              ('ООО "NET COMPLEKT"', "305667781"))  # fmt: skip


@dataclass(frozen=True)
class BankDocument:
    """A payment document; `incoming` says whether the operator is the recipient; amount in 1/100 UZS."""

    account: str
    number: int
    day: date
    amount: int
    incoming: bool
    name: str
    inn: str | None
    other_account: str
    bank: tuple[str, str]
    purpose: str


def incoming_documents(timeline: Timeline, transfers: list[dict]) -> list[BankDocument]:
    """What the bank shows of payments by transfer; a few payers write neither INN nor the invoice."""
    customers = np.array([t["customer"] for t in transfers], dtype=np.int64)
    names = spell_organisations(timeline.parties.organisations.take(customers)) if len(customers) else None
    inns = organisation_inn(customers, timeline.seed).to_list()
    return [_incoming(timeline, t, names.row(n, named=True), inns[n]) for n, t in enumerate(transfers)]


def _incoming(timeline: Timeline, transfer: dict, names: dict[str, str], inn: str) -> BankDocument:
    customer, rng = transfer["customer"], stream(timeline.seed, "transfer", transfer["payment_id"])
    issued = transfer["issued_date"]
    purpose = (f"Оплата за услуги связи по счету № {transfer['invoice_number']} от {issued:%d.%m.%Y}. "
               f"В т.ч. НДС 12% {money(round(transfer['amount'] * 12 / 112))}")  # fmt: skip
    unclear = not timeline.parties.organisation[customer]
    if rng.random() < 0.03:
        purpose = f"За услуги связи {issued:%m.%Y}"
    name = names["short_name"].replace("«", '"').replace("»", '"').upper()
    if unclear:
        name, inn = "Физическое лицо", None
    return BankDocument(
        OWN_ACCOUNTS[customer % 2],
        transfer["payment_id"] % 1_000_000 + 1,
        timeline.clock.date(transfer["_day"]),
        transfer["amount"],
        True,
        name,
        inn if rng.random() > 0.03 else None,
        f"20208000{customer + 100_000_000_000:012d}"[:20],
        BANKS[customer % len(BANKS)],
        purpose,
    )


def outgoing_documents(timeline: Timeline, week_end: int) -> list[BankDocument]:
    """What the operator pays in a week."""
    rng, documents = stream(timeline.seed, "outgoing", week_end), []
    scale = max(timeline.parties.count // 20, 1) * 100  # a small operator pays smaller bills
    for number in range(int(rng.integers(3, 9))):
        day = timeline.clock.date(week_end - int(rng.integers(2, 7)))
        name, inn = _SUPPLIERS[int(rng.integers(0, len(_SUPPLIERS)))]
        purpose = _PURPOSES_OUT[int(rng.integers(0, len(_PURPOSES_OUT)))]
        documents.append(BankDocument(
            OWN_ACCOUNTS[number % 2], week_end * 10 + number + 1, day, int(rng.integers(500, 40_000)) * scale, False,
            name, inn, f"202080001{int(inn):011d}", BANKS[number % len(BANKS)],
            purpose.format(month=f"{day:%m.%Y}", number=int(rng.integers(10, 900)))))  # fmt: skip
    return documents


def statement_text(
    documents: list[BankDocument], first: date, last: date, opening: dict[str, int]
) -> tuple[str, dict[str, int]]:
    """The file of a week for all own accounts, and the closing balances; a balance section per account."""
    lines = ["1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", "Отправитель=Банк-Клиент",
             "Получатель=1С:Предприятие", f"ДатаСоздания={last:%d.%m.%Y}", "ВремяСоздания=23:55:00",
             f"ДатаНачала={first:%d.%m.%Y}", f"ДатаКонца={last:%d.%m.%Y}",
             *(f"РасчСчет={account}" for account in OWN_ACCOUNTS)]  # fmt: skip
    closing = {}
    for account in OWN_ACCOUNTS:
        own = [d for d in documents if d.account == account]
        received, paid = (sum(d.amount for d in own if d.incoming is side) for side in (True, False))
        closing[account] = opening[account] + received - paid
        lines += ["СекцияРасчСчет", f"ДатаНачала={first:%d.%m.%Y}", f"ДатаКонца={last:%d.%m.%Y}", f"РасчСчет={account}",
                  f"НачальныйОстаток={money(opening[account])}", f"ВсегоПоступило={money(received)}",
                  f"ВсегоСписано={money(paid)}", f"КонечныйОстаток={money(closing[account])}",
                      "КонецРасчСчет"]  # fmt: skip
    for document in documents:
        lines += _document_lines(document)
    return "\r\n".join([*lines, "КонецФайла", ""]), closing


def _document_lines(d: BankDocument) -> list[str]:
    own = (OPERATOR_NAME, OPERATOR_INN, d.account, OWN_BANK)
    other = (d.name, d.inn or "", d.other_account, d.bank)
    payer, recipient = (other, own) if d.incoming else (own, other)
    moved = f"ДатаПоступило={d.day:%d.%m.%Y}" if d.incoming else f"ДатаСписано={d.day:%d.%m.%Y}"
    sides = [line for title, (name, inn, account, bank) in (("Плательщик", payer), ("Получатель",
        recipient)) for line in (
        f"{title}Счет={account}", f"{title}={name}", f"{title}ИНН={inn}", f"{title}1={name}",
        f"{title}РасчСчет={account}", f"{title}Банк1={bank[1]}", f"{title}БИК={bank[0]}")]  # fmt: skip
    return ["СекцияДокумент=Платежное поручение", f"Номер={d.number}", f"Дата={d.day:%d.%m.%Y}",
        f"Сумма={money(d.amount)}",
            moved, *sides, "ВидОплаты=01", f"НазначениеПлатежа={d.purpose}", "КонецДокумента"]  # fmt: skip


def money(amount: int) -> str:
    """1/100 UZS as the accounting system writes sums."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"
