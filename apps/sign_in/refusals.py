"""A refusal as a sentence for the person at the door."""

from crm.services.sign_in import Refused
from vitrina.i18n import Translator


def sentence(say: Translator, refused: Refused) -> str:
    """What to tell; of an account that does not exist no more than of a wrong password."""
    if refused.code == "locked":
        minutes = -(-refused.retry_after // 60)
        return say.plural(
            "Too many attempts. Try again in {count} minute.",
            "Too many attempts. Try again in {count} minutes.",
            minutes,
        )
    sentences = {
        "disabled": say.text("This account is switched off. Ask the system administrator."),
        "no_role": say.text("None of your groups has a role here. Ask the system administrator."),
        "login_taken": say.text("This login belongs to another account here. Ask the system administrator."),
    }
    return sentences.get(refused.code, say.text("The login or the password is wrong."))
