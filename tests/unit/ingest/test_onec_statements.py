"""1CClientBankExchange: the two real files, and what banks do to the format."""

from decimal import Decimal
from pathlib import Path

import pytest
from ingest_shop import Shop

from ingest import health, run
from ingest.readers.onec import NotAStatementError, document_rows, parse, statement_rows
from vitrina.settings import Settings

REAL = Settings().shared_data / "onec"
real_files = pytest.mark.skipif(not REAL.exists(), reason="the shared folder with real 1C files is absent")

OWN, OTHER = "20208000900123456001", "20208000900999999001"
TEXT = f"""1CClientBankExchange
ВерсияФормата=1.03
Кодировка=Windows
РасчСчет={OWN}
СекцияРасчСчет
ДатаНачала=01.02.2026
ДатаКонца=07.02.2026
РасчСчет={OWN}
НачальныйОстаток=1 000.00
ВсегоПоступило=250,50
ВсегоСписано=100.00
КонечныйОстаток=1150.50
КонецРасчСчет
СекцияДокумент=Платежное поручение
Номер=17
Дата=02.02.2026
Сумма=250,50
ПлательщикСчет={OTHER}
Плательщик=123456789, ООО "Рога"
ПлательщикИНН=123456789
ПолучательРасчСчет={OWN}
ДатаПоступило=02.02.2026
НазначениеПлатежа1=За связь
НазначениеПлатежа2=по договору = 5
КонецДокумента
СекцияДокумент=Платежное поручение
Номер=18
Дата=3.2.2026
Сумма=100-00
ПлательщикСчет={OWN}
ПолучательСчет={OTHER}
НазначениеПлатежа=Аренда
НазначениеПлатежа=
КонецДокумента
КонецФайла
"""


def test_documents_are_read_with_direction_party_and_purpose() -> None:
    rows = list(document_rows(parse(TEXT.encode("cp1251")), "a.txt"))
    assert [(r["document_number"], r["document_date"], r["amount"], r["direction"]) for r in rows] == [
        ("17", "2026-02-02", "250.50", "in"), ("18", "2026-02-03", "100.00", "out"),
    ]  # fmt: skip
    assert (rows[0]["payer_name"], rows[0]["payer_inn"]) == ('ООО "Рога"', "123456789")
    assert [r["purpose"] for r in rows] == ["За связь по договору = 5", "Аренда"]
    assert [r["_line"] for r in rows] == [14, 26]


def test_a_balance_that_its_documents_explain_has_no_difference() -> None:
    (row,) = statement_rows(parse(TEXT.encode("cp1251")), "a.txt")
    assert (row["opening_balance"], row["documents_in"], row["documents_out"]) == ("1000.00", "250.50", "100.00")
    assert Decimal(str(row["balance_difference"])) == 0


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1251", "Windows"), ("cp866", "DOS"), ("utf-8", "UTF-8"), ("utf-8-sig", "Windows")]
)
def test_the_encoding_that_the_header_names_is_used(encoding: str, name: str) -> None:
    content = TEXT.replace("Кодировка=Windows", f"Кодировка={name}").encode(encoding)
    assert next(iter(document_rows(parse(content), "a.txt")))["payer_name"] == 'ООО "Рога"'


def test_damage_is_told_and_the_rows_stay() -> None:
    cut = TEXT.split("НазначениеПлатежа=Аренда")[0]
    statement = parse(cut.encode("cp1251"))
    assert len(list(document_rows(statement, "a.txt"))) == 2
    assert {code for code, _ in statement.faults} == {"unclosed_section", "closing_line_damaged"}


def test_another_file_is_not_taken_for_a_statement() -> None:
    with pytest.raises(NotAStatementError):
        parse(b"sale_id;amount\n1;2\n")


def test_the_key_of_a_document_does_not_depend_on_the_file_it_came_in() -> None:
    statement = parse(TEXT.encode("cp1251"))
    first, second = (list(document_rows(statement, name)) for name in ("a.txt", "b.txt"))
    assert [r["document_key"] for r in first] == [r["document_key"] for r in second]
    assert len({r["document_key"] for r in first}) == 2


@real_files
def test_the_two_real_files_are_taken_in_and_what_disagrees_is_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, enabled_sources="onec_real")
    result = run.ingest_all(settings)
    assert result.failures == {}
    counts = {load.table: (load.accepted_rows, load.quarantined_rows) for load in result.loads}
    assert counts == {"onec_real__bank_document": (5, 0), "onec_real__bank_statement": (1, 0)}
    told = {(row["code"], row["details"].get("difference")) for row in health.warnings(settings)}
    assert told == {("balance_differs", "-16661.44"), ("no_account_section", None), ("closing_line_damaged", None)}


@real_files
def test_the_documents_of_the_real_statement_are_all_there() -> None:
    rows = list(document_rows(parse((REAL / "kl_to_1c.txt").read_bytes()), "kl_to_1c.txt"))
    assert [(r["document_date"], r["amount"], r["direction"]) for r in rows] == [
        ("2024-01-01", "6936.00", "out"), ("2024-01-09", "13056.00", "unknown"), ("2024-01-10", "150000.00", "out"),
    ]  # fmt: skip


def test_a_file_that_is_no_statement_does_not_stop_the_others(shop: Shop) -> None:
    entry = {"kind": "onec_statement", "section": "document", "path": "shop/*.txt"}
    shop.describe(
        "document", entry, [{"name": "document_key", "type": "string", "key": 1}, {"name": "amount", "type": "number"}]
    )
    shop.drop("a.txt", TEXT)
    shop.drop("b.txt", "something else")
    assert shop.ingest("document").states == {"accepted": 1, "rejected": 1}
    assert shop.deliveries("document")[1]["reason"] == "not_a_statement"
    assert len(shop.raw("*", "document")) == 2
