"""What a password must be, and its hash (argon2id). Not here: whose it is."""

import datetime as dt
import re
import secrets
import string
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crm.errors import CrmError
from crm.models.accounts import LOCAL, User
from vitrina.account_options import AccountOptions

# Longer ones only cost the server time.
LONGEST = 128
_CLASSES = (str.islower, str.isupper, str.isdigit, lambda sign: not sign.isalnum())
# fmt: off
_COMMON = frozenset((
    "password", "passw0rd", "qwerty", "qwertyuiop", "asdfgh", "zxcvbn", "admin", "administrator", "welcome", "letmein",
    "secret", "monkey", "dragon", "iloveyou", "sunshine", "football", "princess", "master", "changeme", "default",
    "vitrina", "operator", "uztelecom", "uzbekistan", "tashkent", "toshkent", "ташкент", "пароль", "йцукен",
    "фывапрол", "ячсмит", "привет", "админ", "администратор", "любовь", "parol", "salom",
))
# fmt: on
_GENERATED_SIGNS = "-_.!%+="
_hasher = PasswordHasher()


def check(password: str, login: str, display_name: str, options: AccountOptions) -> None:
    """Raises `CrmError` that says what the password lacks."""
    if len(password) < options.password_min_length:
        raise CrmError("password_short", length=options.password_min_length)
    if len(password) > LONGEST:
        raise CrmError("password_long", length=LONGEST)
    if sum(any(map(kind, password)) for kind in _CLASSES) < 3:
        raise CrmError("password_simple")
    names = [login, *re.split(r"\W+", display_name)]
    if any(len(name) >= 4 and name.casefold() in password.casefold() for name in names):
        raise CrmError("password_holds_login")
    if is_common(password):
        raise CrmError("password_common")


def is_common(password: str) -> bool:
    """Whether, digits and signs aside, it is one of the first words that are tried, or one sign over and over."""
    word = re.sub(r"[\W\d_]+", "", password.casefold())
    unspelled = password.casefold().translate(str.maketrans("013457@$", "oieastas"))
    words = (word, re.sub(r"[\W\d_]+", "", unspelled))
    # A few letters around such a word do not hide it; in a longer text it does no harm.
    close = any(common in word and len(word) - len(common) <= 3 for word in words for common in _COMMON)
    return close or len(set(password.casefold())) < 5


def hashed(password: str) -> str:
    """argon2id with the library's present parameters; the text holds salt and parameters."""
    return _hasher.hash(_same_signs(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the hashed one. Takes equally long where there is no hash to compare with."""
    try:
        verified = _hasher.verify(password_hash or _nobodys_hash(), _same_signs(password)[: LONGEST * 4])
    except (VerificationError, InvalidHashError):
        return False
    return bool(verified and password_hash)


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with weaker parameters than those of now."""
    return _hasher.check_needs_rehash(password_hash)


def generated(length: int = 16) -> str:
    """A random password that keeps every rule; for first sign-ins, to be changed at once."""
    letters = string.ascii_letters + string.digits
    body = [secrets.choice(letters) for _ in range(length - 4)]
    ends = [secrets.choice(kind) for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits)]
    signs = [*body, *ends, secrets.choice(_GENERATED_SIGNS)]
    secrets.SystemRandom().shuffle(signs)
    return "".join(signs)


def why_change(user: User, now: dt.datetime, options: AccountOptions) -> str:
    """Why a user has to choose a new password before anything else: `first_use`, `expired`, or "" when he need not."""
    if user.provider != LOCAL:
        return ""
    if user.must_change:
        return "first_use"
    age = now - (user.password_set_at or user.created_at)
    return "expired" if age >= dt.timedelta(days=options.password_max_age_days) else ""


def _same_signs(password: str) -> str:
    """One spelling of letters that keyboards compose differently."""
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))
