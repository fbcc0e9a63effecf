"""Templates: each is a right segment over what the product really has, named in three languages."""

import datetime as dt
import re

import pytest

from segments.definition import fingerprint, parse
from segments.engine import At, compile_segment
from segments.jsonlogic import export_jsonlogic, import_jsonlogic
from segments.sentence import sentence
from segments.templates import Template, template, templates
from tests.reference_evaluator.project import project_catalogue
from tests.unit.segments.test_schema import VALIDATOR
from vitrina.i18n import LANGUAGES, translator

ALL = pytest.mark.parametrize("each", templates(), ids=lambda each: each.key)
CYRILLIC = re.compile("[А-Яа-яЁё]")
CASES = (
    "usage_falls", "bundle_over_used", "debt", "near_contract_end", "young_device_old_tariff", "roaming",
    "inactive_sims", "unhappy_nps", "unhappy_complaints", "new_subscribers", "organisation_status_change",
)  # fmt: skip


@ALL
def test_a_template_compiles_over_the_catalogue_of_the_product(each: Template) -> None:
    VALIDATOR.validate(each.document)
    for at in (At(dt.date(2026, 11, 23)), At.stored(dt.date(2026, 10, 31))):
        assert compile_segment(parse(each.document), project_catalogue(), at).sql.startswith("SELECT")


@ALL
def test_a_template_has_a_name_and_a_description_in_every_language(each: Template) -> None:
    for texts in (each.name, each.description):
        assert set(texts) == set(LANGUAGES)
        assert all(text.strip() == text and text for text in texts.values())
        assert len(set(texts.values())) == len(LANGUAGES)
        assert CYRILLIC.search(texts["ru"])
        assert not CYRILLIC.search(texts["uz"] + texts["en"])
        assert not re.search("[oOgG]['’‘`]", texts["uz"])


@ALL
def test_a_template_can_be_said_and_exchanged(each: Template) -> None:
    definition = parse(each.document)
    for language in LANGUAGES:
        said = sentence(definition, project_catalogue(), translator(language))
        # A name of the catalogue in place of a label would show that something has no label.
        assert not re.search("[a-z]_[a-z]+_", said), said
    again = import_jsonlogic(export_jsonlogic(definition, project_catalogue()), project_catalogue())
    assert fingerprint(again) == fingerprint(definition)


def test_the_common_cases_of_an_operator_are_there_once() -> None:
    keys = [each.key for each in templates()]
    assert set(CASES) <= set(keys)
    for names in (keys, *([each.name[language] for each in templates()] for language in LANGUAGES)):
        assert len(set(names)) == len(names)
    with pytest.raises(KeyError):
        template("no such")
