"""Catalogues are whole, and values are written as people of the country write them."""

import ast
import datetime as dt
import re
from decimal import Decimal

import pytest
from babel.messages.pofile import read_po

import campaigns.flow.sentence
import campaigns.flow.templates
import campaigns.policy.words
import crm.campaign_messages
import crm.campaign_run_messages
import crm.delivery.telegram_channel
import crm.delivery_messages
import crm.messages
import crm.performance_messages
import crm.signal_messages
import segments.sentence
import signals.models.errors
import signals.sentence
import vitrina.access.errors
import vitrina.campaign_runs.audience
import vitrina.campaign_runs.run
import vitrina.lists.errors
import vitrina.lists.upload
from apps.data.health import hidden
from apps.data.search import name_key, parse
from apps.segment_workspace.payload import is_never_empty
from apps.sign_in.errors import NO_ANSWER, NOT_CONFIRMED
from apps.ui import phones
from ingest.messages import STRUCTURAL, WARNINGS
from segments.catalogue import PROFILE
from signals.models.actions import declared_actions
from signals.templates import templates
from vitrina.dictionary import read_models
from vitrina.i18n import LANGUAGES, LOCALE_DIR, translator
from vitrina.settings import REPOSITORY

IN_TEMPLATE = re.compile(r"""\bt\((?:"([^"]+)"|'([^']+)')""")
SENTENCE = re.compile(r"""(?:[A-Z“]|{[a-z]).* .*(?:[.?]|: {\w+})""")
SPACE = "\u202f"
CAMPAIGN_PARTS = ("flow", "policy", "control", "allocation", "effect")


def messages_in_code() -> set[str]:
    """Every message that the workspace can say: `t("…")`, `_("…")`, `.text("…")`, `.plural("…", "…")`; those of the
    packages below it, which give theirs as tables; and those of page templates."""
    found = set(STRUCTURAL.values()) | set(WARNINGS.values()) | set(crm.messages.MESSAGES.values())
    for table in (crm.messages.NOTICES, crm.messages.ALARMS, crm.messages.PROBLEMS, *crm.signal_messages.WORDS,
                  *crm.performance_messages.WORDS, *crm.campaign_messages.WORDS):  # fmt: skip
        found |= set(table.values())
    found |= set(vitrina.access.errors.MESSAGES.values()) | {vitrina.campaign_runs.audience.FAILED}
    for said in (
        crm.delivery_messages.REASONS,
        crm.delivery.telegram_channel.LABELS,
        crm.campaign_run_messages.READINESS,
        crm.campaign_run_messages.REASONS,
        vitrina.campaign_runs.run.PROBLEMS,
    ):
        found |= set(said.values())
    found |= {*vitrina.lists.errors.MESSAGES.values(), *vitrina.lists.upload.WORDS.values()}
    found |= {NO_ANSWER, NOT_CONFIRMED}
    found |= {*signals.models.errors.MESSAGES}
    found |= {text for action in declared_actions() for text in (action.title, action.why)}
    found |= segments.sentence.MESSAGES | problems_of_engines() | told_by_models() | signals.sentence.MESSAGES
    found |= {text for each in templates() for text in each.messages}
    found |= campaigns.flow.sentence.MESSAGES | campaigns.policy.words.MESSAGES
    found |= {text for each in campaigns.flow.templates.templates() for text in each.messages}
    for path in (REPOSITORY / "apps").rglob("*.html"):
        found |= {first or second for first, second in IN_TEMPLATE.findall(path.read_text(encoding="utf-8"))}
    for path in [*(REPOSITORY / "apps").rglob("*.py"), REPOSITORY / "vitrina" / "i18n.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                found |= _messages_of(node)
    return found


def told_by_models() -> set[str]:
    """What the builder of segments shows of the mart's own description: attributes, events and objects, and what an
    empty value of them means."""
    found: set[str] = set()
    for name, model in read_models(REPOSITORY / "dbt_project").items():
        entities = model.meta.get("segment_entities", ())
        found |= {each["description"] for each in entities}
        columns = [column for column in model.columns if column.labels] if entities or name == PROFILE else []
        found |= {column.description for column in columns}
        found |= {column.meta["null_meaning"] for column in columns if not is_never_empty(column.meta["null_meaning"])}
    return found


def problems_of_engines() -> set[str]:
    """What the engines of segments and signals find wrong: whole sentences among their texts, other than docstrings and
    pieces of SQL."""
    found: set[str] = set()
    own = REPOSITORY / "signals"
    rules = [*own.glob("definition/*.py"), *own.glob("compiler/*.py"), own / "engine.py"]
    rules += [path for part in CAMPAIGN_PARTS for path in (REPOSITORY / "campaigns" / part).rglob("*.py")]
    rules += [REPOSITORY / "campaigns" / name for name in ("parts.py", "tables.py")]
    for path in [*(REPOSITORY / "segments").rglob("*.py"), *rules]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        passed_over = {
            id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in ast.walk(node)
        }
        passed_over |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in passed_over)
        found |= {node.value for node in texts if isinstance(node.value, str) and SENTENCE.fullmatch(node.value)}
    return found - segments.sentence.MESSAGES - campaigns.flow.sentence.MESSAGES


def _messages_of(call: ast.Call) -> set[str]:
    function = call.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    is_message = name in {"t", "_"} or (name in {"text", "plural"} and _speaks(function))
    texts = call.args[:2] if name == "plural" else call.args[:1]
    return (
        {arg.value for arg in texts if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
        if is_message
        else set()
    )


def _speaks(function: ast.expr) -> bool:
    owner = getattr(function, "value", None)
    return getattr(owner, "id", "") in {"say", "self"} or isinstance(owner, ast.Call)


def catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """Message → its translations (several for a plural)."""
    with (LOCALE_DIR / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        catalog = read_po(source)
    entries: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        if message.id:
            keys = message.id if isinstance(message.id, tuple) else (message.id,)
            values = message.string if isinstance(message.string, tuple) else (message.string,)
            entries |= dict.fromkeys(keys, tuple(values))
    return entries


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_a_translation_with_the_same_places(language: str) -> None:
    known = catalogue(language)
    for message in messages_in_code():
        assert all(known.get(message, ("",))), f"{language} lacks: {message}"
        for translation in known[message]:
            assert set(re.findall(r"{(\w+)}", translation)) == set(re.findall(r"{(\w+)}", message)), message


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_no_message_that_nothing_says(language: str) -> None:
    assert set(catalogue(language)) - messages_in_code() == set()


def test_russian_and_uzbek_are_translations_and_not_copies_of_english() -> None:
    said = {m: re.sub(r"{\w+}", "", m) for m in catalogue("ru")}
    same = [m for m, v in catalogue("ru").items() if v[0] == m and re.search(r"[a-z]{4}", said[m])]
    assert set(same) <= {"Telegram"}
    assert not [m for m, v in catalogue("uz").items() if re.search("[а-яА-Я]", v[0])], "Uzbek is written in Latin"


def test_uzbek_letters_carry_the_right_apostrophe() -> None:
    for values in catalogue("uz").values():
        assert not re.search(r"[oOgG]['`‘’]", values[0]), values[0]


def test_russian_plurals_follow_the_number() -> None:
    say = translator("ru")
    forms = [say.plural("{count} customer", "{count} customers", count) for count in (1, 3, 11, 25)]
    assert forms == ["1 клиент", "3 клиента", "11 клиентов", "25 клиентов"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [("ru", f"1{SPACE}234{SPACE}567,50"), ("uz", f"1{SPACE}234{SPACE}567,50"), ("en", f"1{SPACE}234{SPACE}567.50")],
)
def test_numbers_are_grouped_by_a_thin_space(language: str, expected: str) -> None:
    assert translator(language).number(Decimal("1234567.5"), 2) == expected


def test_absent_values_are_a_dash() -> None:
    say = translator("ru")
    assert {say.number(None), say.money(None), say.percent(None), say.date(None), say.number(float("nan"))} == {"—"}


def test_a_moment_is_shown_in_tashkent_time_and_a_date_in_figures() -> None:
    say = translator("ru")
    assert say.moment(dt.datetime(2026, 11, 22, 20, 30, tzinfo=dt.UTC)) == "23.11.2026 01:30"
    assert say.date(dt.date(2026, 11, 2)) == "02.11.2026"
    assert say.month(dt.date(2026, 10, 31)) == "октябрь 2026"


def test_large_sums_are_told_in_millions() -> None:
    assert translator("ru").compact_money(Decimal(4_512_345)) == f"4,5{SPACE}млн{SPACE}сум"


@pytest.mark.parametrize("text", ["+998 90 100-00-05", "998901000005", "90 100 00 05", "8901000005", "(90) 100.00.05"])
def test_a_phone_is_understood_in_any_form(text: str) -> None:
    assert parse(text).phone == "+998901000005"


def test_nine_digits_are_tried_as_inn_and_as_phone() -> None:
    query = parse("300000008")
    assert (query.inn, query.phone, query.customer_id) == ("300000008", "+998300000008", 300000008)


def test_a_name_has_one_key_in_both_alphabets() -> None:
    assert name_key("Қодиров Шухрат") == name_key("Qodirov Shuxrat")
    assert name_key("Oʻktam Gʻulomov") == name_key("O'ktam G`ulomov")


def test_personal_numbers_are_shown_in_part() -> None:
    assert hidden("1;AB1234567;31201900000005;2026") == "1;AB•••••67;312•••••05;2026"
    assert phones.phone("+998901000005") == "+998 90 100 00 05"
