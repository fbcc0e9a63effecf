"""Authors write placeholders, conditions and the listed filters; everything else is refused before it runs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.delivery.rendering import Missing, check, content, preview, render
from crm.errors import CrmError

KNOWN = {"name", "sum", "day", "vip"}


@pytest.mark.parametrize(
    "text",
    [
        "{{ name.__class__ }}", "{{ name['x'] }}", "{{ name() }}", "{% for x in name %}{% endfor %}", "{{ 'a' * 99 }}",
        "{% set name = 1 %}", "{{ name | attr('x') }}", "{% include 'x' %}", "{% macro m() %}{% endmacro %}",
        "{{ name | safe }}", "{{ range(9) }}", "{% if name is callable %}{% endif %}", "{{ [1,2] }}", "{{ {'a':1} }}",
        "{{ name ~ sum }}", "{{ -sum }}", "{{ sum+1 }}", "{% raw %}{% endraw %}{{ self }}", "{{ name if vip else 1 }}",
        "{% extends 'x' %}", "{% block a %}{% endblock %}", "{% filter money %}{% endfilter %}", "{{ lipsum }}",
    ],
)  # fmt: skip
def test_nothing_else_is_allowed_in_a_text(text: str) -> None:
    with pytest.raises(CrmError):
        check(text, KNOWN)


@pytest.mark.parametrize("text", ["{{ name", "{% if name %}", "{{ name | }}", "{% nonsense %}", "}} {% endif %}"])
def test_a_text_that_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(CrmError) as told:
        check(text, KNOWN)
    assert told.value.code == "template_error"


def test_placeholders_are_listed_and_an_unknown_one_is_named() -> None:
    assert check("{{ name }} {% if vip %}{{ sum | money }}{% endif %} {{ page_url }}", KNOWN) == {
        "name", "vip", "sum", "page_url",
    }  # fmt: skip
    with pytest.raises(CrmError) as told:
        check("{{ nam }}", KNOWN)
    assert (told.value.code, told.value.values["name"]) == ("placeholder_unknown", "nam")


def test_values_are_written_as_they_are_written_here() -> None:
    text = "{{ name | capital }}: {{ sum | money }} / {{ sum | money(2) }}, {{ day | date }}"
    given = {"name": "ALIYEVA nigora", "sum": "1234567.5", "day": "2026-11-24T10:00:00"}
    assert render(text, given) == "Aliyeva Nigora: 1 234 568 / 1 234 567.50, 24.11.2026"


def test_what_is_missing_is_an_error_unless_the_text_says_what_to_write() -> None:
    for absent in ({}, {"name": None}, {"name": ""}):
        assert render('{{ name | default_text("mijoz") }}{% if name %}!{% endif %}', absent) == "mijoz"
        with pytest.raises(Missing, match="name"):
            render("Salom {{ name }}", absent)
    assert render('{{ name | default_text("mijoz") }}', {"name": "  "}) == "mijoz"
    for text, value in (("{{ sum | money }}", "lots"), ("{{ day | date }}", "soon")):
        with pytest.raises(Missing):
            render(text, {"sum": value, "day": value})


def test_an_email_is_html_in_which_no_value_is_a_tag() -> None:
    made = content("email", "Salom {{ name }} <b>\n\nIkkinchi", "Sizga, {{ name }}", "", {"name": "<script>"})
    assert made.html == "<p>Salom &lt;script&gt; &lt;b&gt;</p>\n<p>Ikkinchi</p>\n"
    assert made.subject == "Sizga, <script>"
    own = content("email", "x", "x", "<h1>{{ name }}</h1>", {"name": '"><img>'})
    assert own.html == "<h1>&#34;&gt;&lt;img&gt;</h1>"
    assert content("email", "x", "{{ name }}", "", {"name": "a\r\nBcc: b"}).subject == "a Bcc: b"


def test_a_preview_shows_every_sample_and_what_it_costs() -> None:
    rows = [{"name": "Ali", "sum": 5}, {"name": "Валя", "sum": 5}, {"name": "Ali"}]
    shown = preview("sms", "{{ name }}: {{ sum | money }} soʻm {{ page_url }}", "", "", rows)
    assert [each.content.sms.alphabet for each in shown if each.content and each.content.sms] == ["gsm", "ucs2"]
    assert (shown[2].content, shown[2].problem) == (None, "'sum' is undefined")
    with pytest.raises(CrmError):
        preview("sms", "{{ name.x }}", "", "", rows)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="{}%| .()'\"nameifvipd", max_size=40))
def test_no_text_ends_in_anything_but_words_or_a_refusal(text: str) -> None:
    try:
        check(text, KNOWN)
        render(text, {"name": "Ali", "vip": True})
    except (CrmError, Missing):
        return
