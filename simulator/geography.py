"""Regions of Uzbekistan by SOATO code: names, districts, population weight, network quality.

The weights are thousands of inhabitants, rounded; network quality is invented (1.0 is average, less is worse).
"""

from typing import NamedTuple


class Region(NamedTuple):
    """One region; `districts` are pairs of Russian and Uzbek names."""

    code: str
    name_ru: str
    name_uz: str
    weight: int
    quality: float
    districts: tuple[tuple[str, str], ...]


def _districts(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (item.split("/") for item in text.split(";"))
    return tuple((ru.strip(), uz.strip()) for ru, uz in pairs)


REGIONS = (
    Region("1703", "Андижанская область", "Andijon viloyati", 3300, 1.0, _districts(
        "Асакинский район/Asaka tumani;Андижанский район/Andijon tumani;Андижан/Andijon shahri;"
        "Шахриханский район/Shahrixon tumani")),
    Region("1706", "Бухарская область", "Buxoro viloyati", 2000, 1.02, _districts(
        "Бухара/Buxoro shahri;Гиждуванский район/Gʻijduvon tumani;Каган/Kogon shahri;"
        "Вабкентский район/Vobkent tumani")),
    Region("1708", "Джизакская область", "Jizzax viloyati", 1450, 0.9, _districts(
        "Джизак/Jizzax shahri;Зааминский район/Zomin tumani;Галляаральский район/Gʻallaorol tumani")),
    Region("1710", "Кашкадарьинская область", "Qashqadaryo viloyati", 3450, 0.88, _districts(
        "Карши/Qarshi shahri;Шахрисабз/Shahrisabz shahri;Китабский район/Kitob tumani;Гузарский район/Gʻuzor tumani")),
    Region("1712", "Навоийская область", "Navoiy viloyati", 1050, 1.03, _districts(
        "Навои/Navoiy shahri;Зарафшан/Zarafshon shahri;Карманинский район/Karmana tumani")),
    Region("1714", "Наманганская область", "Namangan viloyati", 2980, 0.97, _districts(
        "Наманган/Namangan shahri;Чустский район/Chust tumani;Папский район/Pop tumani;"
        "Касансайский район/Kosonsoy tumani")),
    Region("1718", "Самаркандская область", "Samarqand viloyati", 4120, 1.01, _districts(
        "Самарканд/Samarqand shahri;Ургутский район/Urgut tumani;Каттакурган/Kattaqoʻrgʻon shahri;"
        "Пастдаргомский район/Pastdargʻom tumani")),
    Region("1722", "Сурхандарьинская область", "Surxondaryo viloyati", 2820, 0.86, _districts(
        "Термез/Termiz shahri;Денауский район/Denov tumani;Шурчинский район/Shoʻrchi tumani")),
    Region("1724", "Сырдарьинская область", "Sirdaryo viloyati", 900, 0.95, _districts(
        "Гулистан/Guliston shahri;Янгиер/Yangiyer shahri;Сырдарьинский район/Sirdaryo tumani")),
    Region("1726", "город Ташкент", "Toshkent shahri", 3040, 1.1, _districts(
        "Юнусабадский район/Yunusobod tumani;Мирзо-Улугбекский район/Mirzo Ulugʻbek tumani;"
        "Чиланзарский район/Chilonzor tumani;"
        "Яккасарайский район/Yakkasaroy tumani;Мирабадский район/Mirobod tumani;Сергелийский район/Sergeli tumani;"
        "Шайхантахурский район/Shayxontohur tumani;Яшнабадский район/Yashnobod tumani")),
    Region("1727", "Ташкентская область", "Toshkent viloyati", 3000, 1.04, _districts(
        "Чирчик/Chirchiq shahri;Алмалык/Olmaliq shahri;Ангрен/Angren shahri;Кибрайский район/Qibray tumani;"
        "Зангиатинский район/Zangiota tumani")),
    Region("1730", "Ферганская область", "Fargʻona viloyati", 3970, 0.99, _districts(
        "Фергана/Fargʻona shahri;Коканд/Qoʻqon shahri;Маргилан/Margʻilon shahri;Риштанский район/Rishton tumani")),
    Region("1733", "Хорезмская область", "Xorazm viloyati", 1960, 0.96, _districts(
        "Ургенч/Urganch shahri;Хива/Xiva shahri;Хазараспский район/Hazorasp tumani")),
    Region("1735", "Республика Каракалпакстан", "Qoraqalpogʻiston Respublikasi", 2000, 0.85, _districts(
        "Нукус/Nukus shahri;Турткульский район/Toʻrtkoʻl tumani;Ходжейлийский район/Xoʻjayli tumani")),
)  # fmt: skip

STREETS = (
    ("Амира Темура", "Amir Temur"), ("Навои", "Navoiy"), ("Мустакиллик", "Mustaqillik"), ("Бабура", "Bobur"),
    ("Истиклол", "Istiqlol"), ("Шота Руставели", "Shota Rustaveli"), ("Мукими", "Muqimiy"), ("Беруни", "Beruniy"),
    ("Фурката", "Furqat"), ("Ибн Сины", "Ibn Sino"), ("Улугбека", "Ulugʻbek"), ("Гагарина", "Gagarin"),
    ("Бунёдкор", "Bunyodkor"), ("Дустлик", "Doʻstlik"), ("Тинчлик", "Tinchlik"), ("Наврузий", "Navroʻziy"),
)  # fmt: skip
