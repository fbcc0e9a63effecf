"""Uzbek Cyrillic to Latin and back, and to the spelling that Russian-language offices use."""

_TO_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "j", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "x", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "ʼ", "ы": "i", "ь": "", "э": "e", "ю": "yu",
    "я": "ya", "ў": "oʻ", "қ": "q", "ғ": "gʻ", "ҳ": "h",
}  # fmt: skip
_VOWELS = set("аеёиоуэюяўАЕЁИОУЭЮЯЎ")
_TO_CYRILLIC = [
    ("oʻ", "ў"), ("gʻ", "ғ"), ("o'", "ў"), ("g'", "ғ"), ("sh", "ш"), ("ch", "ч"), ("yo", "ё"), ("yu", "ю"),
    ("ya", "я"), ("ye", "е"), ("ts", "ц"), ("ʼ", "ъ"), ("a", "а"), ("b", "б"), ("v", "в"), ("g", "г"), ("d", "д"),
    ("e", "е"), ("j", "ж"), ("z", "з"), ("i", "и"), ("y", "й"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"),
    ("o", "о"), ("p", "п"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"), ("f", "ф"), ("x", "х"), ("q", "қ"),
    ("h", "ҳ"), ("w", "в"), ("c", "к"),
]  # fmt: skip
_RUSSIAN = str.maketrans("ўқғҳЎҚҒҲ", "укгхУКГХ")


def to_latin(text: str) -> str:
    """Latin spelling: ``Ғофуров`` becomes ``Gʻofurov``, ``Елена`` becomes ``Yelena``."""
    letters = []
    for position, letter in enumerate(text):
        latin = _TO_LATIN.get(letter.lower(), letter)
        before = text[position - 1] if position else " "
        if letter.lower() == "е" and (before in _VOWELS or not before.isalpha()):
            latin = "ye"
        upper = letter.isupper() and letter.lower() in _TO_LATIN
        letters.append(latin[:1].upper() + latin[1:] if upper else latin)
    return "".join(letters)


def to_cyrillic(text: str) -> str:
    """Uzbek Cyrillic spelling of a Latin text; words keep their capital letter."""
    result, position, lower = [], 0, text.lower()
    while position < len(text):
        for latin, cyrillic in _TO_CYRILLIC:
            if lower.startswith(latin, position):
                if latin == "e" and (position == 0 or not text[position - 1].isalpha()):
                    cyrillic = "э"
                result.append(cyrillic.upper() if text[position].isupper() else cyrillic)
                position += len(latin)
                break
        else:
            result.append(text[position])
            position += 1
    return "".join(result)


def to_russian(text: str) -> str:
    """The spelling of an office that writes Russian: no letters of the Uzbek alphabet."""
    return text.translate(_RUSSIAN)
