"""SMS are counted and cut as the network does: GSM 03.38 with its extensions, UCS-2 otherwise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.delivery.sms_text import EXTENDED, SEPTETS, decode, encode, plain_marks, size

GSM = "".join(sorted(set(SEPTETS) | set(EXTENDED)))


@pytest.mark.parametrize(
    ("text", "alphabet", "length", "parts", "left"),
    [
        ("x" * 160, "gsm", 160, 1, 0),
        ("x" * 161, "gsm", 161, 2, 145),
        ("€" * 80, "gsm", 160, 1, 0),
        ("€" * 81, "gsm", 162, 2, 153 - 10),
        ("x" * 306, "gsm", 306, 2, 0),
        ("x" * 307, "gsm", 307, 3, 152),
        ("x" * 152 + "€" + "x" * 7, "gsm", 161, 2, 153 - 9),
        ("я" * 70, "ucs2", 70, 1, 0),
        ("я" * 71, "ucs2", 71, 2, 63),
        ("👍" * 35, "ucs2", 70, 1, 0),
        ("👍" * 36, "ucs2", 72, 2, 67 - 6),
    ],
)
def test_a_text_takes_so_many_parts(text: str, alphabet: str, length: int, parts: int, left: int) -> None:
    told = size(text)
    assert (told.alphabet, told.length, told.parts, told.left) == (alphabet, length, parts, left)


def test_the_tables_hold_what_the_standard_holds() -> None:
    assert (len(SEPTETS), len(EXTENDED)) == (127, 10)
    told = {sign: SEPTETS[sign] for sign in "@ÅåA z§Ñ¿à"}
    assert told == {
        "@": 0, "Å": 0x0E, "å": 0x0F, "A": 0x41, " ": 0x20, "z": 0x7A, "§": 0x5F, "Ñ": 0x5D, "¿": 0x60, "à": 0x7F,
    }  # fmt: skip


def test_uzbek_marks_keep_the_cheaper_alphabet_and_say_what_does_not() -> None:
    text = "Toʻlov «100 000» soʻm — bugun… Oʼzbekiston"
    assert size(text).alphabet == "ucs2"
    assert size(plain_marks(text)).alphabet == "gsm"
    assert plain_marks(text) == "To'lov \"100 000\" so'm - bugun... O'zbekiston"
    assert size("Привет, Ali").foreign == "Привет"


def test_no_more_parts_than_can_be_linked() -> None:
    assert len(encode("я" * 67 * 255, 1).parts) == 255
    with pytest.raises(ValueError, match="256 parts"):
        encode("я" * (67 * 255 + 1), 1)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(GSM, max_size=700), st.text(max_size=400)), st.integers(0, 255))
def test_parts_together_are_the_text_and_none_is_torn(text: str, reference: int) -> None:
    text = text.encode("utf-16", "replace").decode("utf-16")
    told, made = size(text), encode(text, reference)
    assert len(made.parts) == told.parts
    bodies = [part[6:] for part in made.parts] if made.is_linked else list(made.parts)
    assert "".join(decode(body, made.data_coding) for body in bodies) == text
    for number, part in enumerate(made.parts, start=1):
        assert len(part) <= (160 if made.data_coding == 0 else 140)
        if made.is_linked:
            assert part[:6] == bytes((5, 0, 3, reference, len(made.parts), number))
