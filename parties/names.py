"""Name keys: one spelling for a name that arrives in Cyrillic or Latin, Russian or Uzbek.

Belongs here: the folding of single words and the split of a name into parts. Comparing records does not.
Names are normalised word by word: a million names hold some tens of thousands of different words, so each word
is folded once in Python and joined back in SQL (`parties.preparation`), and there is one implementation only.
"""

import re
import unicodedata
from typing import NamedTuple

APOSTROPHES = "'ʻʼ`’‘´′ʹˈ＇"
# Letters that look alike in both alphabets; typists and converters mix them inside one word.
_LOOKALIKE = ("АВЕКМНОРСТУХІ", "ABEKMHOPCTYXI")
_CYRILLIC = {
    "А": "A", "Б": "B", "В": "V", "Г": "G", "Ғ": "G", "Д": "D", "Е": "E", "Ё": "YO", "Ж": "J", "З": "Z", "И": "I",
    "Й": "Y", "К": "K", "Қ": "K", "Л": "L", "М": "M", "Н": "N", "О": "O", "П": "P", "Р": "R", "С": "S", "Т": "T",
    "У": "U", "Ў": "U", "Ф": "F", "Х": "H", "Ҳ": "H", "Ц": "TS", "Ч": "CH", "Ш": "SH", "Щ": "SH", "Ъ": "", "Ы": "I",
    "Ь": "", "Э": "E", "Ю": "YU", "Я": "YA", "Ә": "A", "Ң": "N", "Ө": "U", "Ү": "U", "Ұ": "U", "І": "I",
}  # fmt: skip
_DEFINITELY_CYRILLIC = frozenset(_CYRILLIC) - frozenset(_LOOKALIKE[0])
_DEFINITELY_LATIN = frozenset("DFGIJLNQRSUVWZ")
_TO_CYRILLIC = str.maketrans(_LOOKALIKE[1], _LOOKALIKE[0])
_TO_LATIN = str.maketrans(*_LOOKALIKE)
_FROM_CYRILLIC = str.maketrans(_CYRILLIC)
_APOSTROPHE_TABLE = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*'?")

# Applied in order. Each pair unites spellings that passports, contracts and accountants use for one name.
_FOLDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"O'", "U"),  # oʻ is ў, and Russian writes both as у
        (r"'", ""),
        (r"ALEX", "ALEKS"),
        (r"MAXIM", "MAKSIM"),
        (r"^XENIA", "KSENIA"),
        (r"SHCH", "SH"),
        (r"D?ZH|DJ", "J"),
        (r"KH|X", "H"),
        (r"GH", "G"),
        (r"PH", "F"),
        (r"TS|TZ", "S"),  # ц: Uzbek Latin has s or ts
        (r"C(?!H)", "K"),
        (r"Q", "K"),
        (r"W", "V"),
        (r"Y(?=[AEIOU])", ""),  # ya, yu, yo, ye: Абдуллаев, Abdullayev, Abdullaev
        (r"(?<=[AEIOU])Y", ""),
        (r"Y", "I"),
        (r"O", "A"),  # Uzbek o is Russian а: Исмоилов, Исмаилов
        (r"(.)\1+", r"\1"),  # Abdullaev, Abdulaev
        (r"(?<=.)IA$", "A"),
        (r"(?<=[AE])F$", "V"),  # -off, -eff
    )
)
_PATRONYMIC = re.compile(r"(?:[AE]VICH|(?<=[^AEU])ICH|[AE]VNA|INICHNA|ICHNA)$")
_MARKERS = frozenset({"UGLI", "AGLI", "UGIL", "KIZI", "GIZI", "KIZ"})
_FEMALE = re.compile(r"(?:[AE]VA|INA|[AE]VNA|ICHNA|SKAIA|SKAA|SKA)$")
_MALE = re.compile(r"(?:[AE]V|[AE]VICH|ICH|SKI)$")
# Folded as the words themselves are. Short abbreviations (ООО, МЧЖ, AJ) are matched before folding doubles letters.
_LEGAL_FORMS = """ООО OOO МЧЖ MCHJ АО AO АЖ AJ ОАО OAO ЗАО ZAO ПАО PAO ЧП CHP ХК XK ДК DK ДУК DUK ГУП GUP ИП IP ЯТТ YATT
СП SP ҚК QK LLC LTD JSC INC CO СОВМЕСТНОЕ ГОСУДАРСТВЕННОЕ УНИТАРНОЕ СЕМЕЙНОЕ ОИЛАВИЙ OILAVIY ЧАСТНОЕ ПРЕДПРИЯТИЕ
ХУСУСИЙ XUSUSIY КОРХОНА КОРХОНАСИ KORXONA KORXONASI ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ МАСЪУЛИЯТИ ЧЕКЛАНГАН
ЖАМИЯТ ЖАМИЯТИ MAS'ULIYATI CHEKLANGAN JAMIYAT JAMIYATI АКЦИОНЕРНОЕ АКЦИЯДОРЛИК AKSIYADORLIK ДАВЛАТ DAVLAT ФХ FX"""
LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())


class WordParts(NamedTuple):
    """What one written word contributes: its folded key and its part in a person's name."""

    key: str
    part: str  # name | patronymic | marker (of a patronymic: oʻgʻli, qizi) | initial | legal_form
    sex: str | None  # M or F where the ending tells


def prepare_text(text: str) -> str:
    """Upper case, composed letters and one apostrophe: what the word pattern expects."""
    return unicodedata.normalize("NFC", text).upper().translate(_APOSTROPHE_TABLE)


def words(text: str) -> list[str]:
    """The written words of a name, upper case, without punctuation.

    >>> words("«Ромашка» МЧЖ")
    ['РОМАШКА', 'МЧЖ']
    """
    return _WORD.findall(prepare_text(text))


def fold_word(word: str) -> str:
    """Folded Latin key of one prepared word.

    >>> fold_word("АБДУЛЛАЕВ") == fold_word("ABDULLAYEV") == fold_word("ABDULLOEV")
    True
    """
    letters = set(word)
    if letters & _DEFINITELY_CYRILLIC:
        word = word.translate(_TO_CYRILLIC)
    elif letters & _DEFINITELY_LATIN:
        word = word.translate(_TO_LATIN)
    word = word.translate(_FROM_CYRILLIC)
    word = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    for pattern, replacement in _FOLDS:
        word = pattern.sub(replacement, word)
    return word


def word_parts(word: str) -> WordParts:
    """Folded key, part and sex of one prepared word; a patronymic is cut to the father's name."""
    key = fold_word(word)
    sex = "F" if _FEMALE.search(key) else "M" if _MALE.search(key) else None
    if word in LEGAL_FORMS:
        return WordParts(key, "legal_form", None)
    if key in _MARKERS:
        return WordParts(key, "marker", "F" if key.startswith(("K", "GI")) else "M")
    if len(word.rstrip("'")) == 1:
        return WordParts(key or word, "initial", None)
    if _PATRONYMIC.search(key) and len(key) > 5:
        return WordParts(_PATRONYMIC.sub("", key), "patronymic", sex)
    return WordParts(key, "name", sex if len(key) > 4 else None)


def name_key(text: str | None) -> str:
    """Folded Latin key of a whole name, words in the order written; for search and display of matches.

    >>> name_key("Каримов Алишер Собир ўғли") == name_key("Karimov Alisher Sobir o'g'li")
    True
    """
    return " ".join(filter(None, (fold_word(word) for word in words(text or ""))))
