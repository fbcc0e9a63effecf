"""Why a message did not go, in words."""

from apps.language import t
from campaigns.policy import REASONS as OF_POLICY
from crm.campaign_run_messages import REASONS as OF_RUNS
from crm.delivery_messages import REASONS as OF_DELIVERY

_ALL = {**OF_DELIVERY, **OF_RUNS, **OF_POLICY}


def not_sent(state: str, reason: str) -> str:
    """A reason as a sentence; with the state in front where messages only wait."""
    # A channel's own code says something to those who run it, and can be looked up.
    said = t(_ALL[reason]) if reason in _ALL else reason and t("The channel's word: {code}", code=reason)
    said = said[:1].upper() + said[1:].rstrip(".") if said else t("No reason is kept")
    return f"{t('Waits')}: {said[:1].lower()}{said[1:]}" if state == "deferred" else said
