"""Words for the codes that the marts hold. An unknown code is shown as it is, never hidden."""

from apps.language import t


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated when shown."""
    return message


LABELS: dict[str, dict[str, str]] = {
    "rfm_group": {
        "champions": _("Champions"),
        "loyal": _("Loyal"),
        "potential_loyal": _("Potentially loyal"),
        "new_customers": _("New customers"),
        "promising": _("Promising"),
        "need_attention": _("Need attention"),
        "about_to_sleep": _("About to sleep"),
        "at_risk": _("At risk"),
        "cannot_lose": _("Cannot lose"),
        "hibernating": _("Hibernating"),
        "lost": _("Lost"),
        "no_payments": _("No payments"),
    },
    "customer_type": {"person": _("Private person"), "organisation": _("Organisation")},
    "segment": {
        "mass": _("Mass market"),
        "premium": _("Premium"),
        "soho": _("SOHO"),
        "sme": _("Small and medium business"),
        "corporate": _("Corporate"),
        "government": _("Government"),
    },
    "status": {
        "active": _("Active"),
        "suspended": _("Suspended"),
        "closed": _("Closed"),
        "terminated": _("Terminated"),
    },
    "payment_type": {"prepaid": _("Prepaid"), "postpaid": _("Postpaid")},
    "family": {
        "mobile": _("Mobile"),
        "iot": _("M2M and IoT"),
        "fixed": _("Fixed line"),
        "vas": _("Additional service"),
    },
    "legal_status": {
        "active": _("Operating"),
        "suspended": _("Activity suspended"),
        "in_liquidation": _("In liquidation"),
        "liquidated": _("Liquidated"),
        "blocked": _("Accounts blocked"),
    },
    "link_type": {
        "parent_of": _("Parent company"),
        "affiliate_of": _("Affiliate"),
        "same_director": _("Same director"),
        "same_address": _("Same address"),
        "same_founder": _("Same founder"),
    },
    "contact_role": {
        "director": _("Director"),
        "accountant": _("Accountant"),
        "it_head": _("Head of IT"),
        "procurement": _("Procurement"),
        "secretary": _("Secretary"),
        "other": _("Other"),
    },
    "influence": {"decides": _("Decides"), "influences": _("Influences"), "informs": _("Informs")},
    "channel": {
        "call": _("Call"),
        "sms": _("SMS"),
        "email": _("E-mail"),
        "telegram": _("Telegram"),
        "office": _("Office"),
        "chat": _("Chat"),
    },
    "direction": {"in": _("Incoming"), "out": _("Outgoing")},
    "topic": {
        "billing": _("Charges and bills"),
        "network": _("Network quality"),
        "tariff": _("Tariff"),
        "roaming": _("Roaming"),
        "equipment": _("Equipment"),
        "complaint": _("Complaint"),
        "termination": _("Termination"),
        "other": _("Other"),
    },
    "result": {
        "resolved": _("Resolved"),
        "escalated": _("Escalated"),
        "no_answer": _("No answer"),
        "refused": _("Refused"),
    },
    "device_type": {
        "smartphone": _("Smartphone"),
        "feature_phone": _("Feature phone"),
        "modem": _("Modem"),
        "iot": _("M2M and IoT"),
        "tablet": _("Tablet"),
    },
    "method": {
        "cash": _("Cash"),
        "card": _("Card"),
        "bank_transfer": _("Bank transfer"),
        "wallet": _("E-wallet"),
        "terminal": _("Terminal"),
    },
    "language": {"ru": _("Russian"), "uz": _("Uzbek"), "en": _("English")},
    "sex": {"M": _("Male"), "F": _("Female")},
    "region": {
        "1703": _("Andijan region"),
        "1706": _("Bukhara region"),
        "1708": _("Jizzakh region"),
        "1710": _("Kashkadarya region"),
        "1712": _("Navoi region"),
        "1714": _("Namangan region"),
        "1718": _("Samarkand region"),
        "1722": _("Surkhandarya region"),
        "1724": _("Syrdarya region"),
        "1726": _("Tashkent city"),
        "1727": _("Tashkent region"),
        "1730": _("Fergana region"),
        "1733": _("Khorezm region"),
        "1735": _("Republic of Karakalpakstan"),
    },
    "lifecycle": {
        "new": _("New"),
        "active": _("Active"),
        "suspended": _("Suspended"),
        "left": _("Left"),
        "never_active": _("Never active"),
    },
    "match_field": {
        "name": _("Name"),
        "patronymic": _("Patronymic"),
        "sex": _("Sex"),
        "birth_date": _("Birth date"),
        "phone": _("Phone"),
        "email": _("E-mail"),
        "region": _("Region"),
        "pinfl": _("PINFL"),
        "inn": _("INN"),
        "address": _("Address"),
    },
    "match_level": {
        "exact": _("equal"),
        "spelling": _("another spelling"),
        "initials": _("initials agree"),
        "one_word": _("one word in common"),
        "misprint": _("a misprint"),
        "different": _("different"),
    },
    "match_rule": {
        "same_pinfl": _("the same PINFL"),
        "same_inn": _("the same INN"),
        "phone": _("the same phone"),
        "email": _("the same e-mail"),
        "birth_date_and_word": _("birth date and a word of the name"),
        "name_and_birth_year": _("name and year of birth"),
        "name_and_birth_day": _("name and day of birth"),
        "tax_register": _("the tax register"),
    },
    "boolean": {"True": _("Yes"), "False": _("No")},
    "source": {
        "foris": _("FORIS billing"),
        "onec": _("1C accounting"),
        "tax": _("Tax portal"),
        "dms": _("Device management (DMS)"),
        "cdnow": _("CDNOW purchases"),
        "telco": _("Telco customers"),
        "onec_real": _("1C bank statements"),
    },
    "delivery_state": {
        "landed": _("Landed"),
        "accepted": _("Accepted"),
        "partially_accepted": _("Partly accepted"),
        "duplicate": _("Duplicate"),
        "rejected": _("Rejected"),
        "empty": _("Empty"),
    },
}

GROUP_COLORS = {
    "champions": "#0b5768",
    "loyal": "#0f6e84",
    "potential_loyal": "#2c869c",
    "new_customers": "#5a8fd0",
    "promising": "#8bb4e0",
    "need_attention": "#d9a521",
    "about_to_sleep": "#e08a2b",
    "at_risk": "#d9663a",
    "cannot_lose": "#c4423a",
    "hibernating": "#8aa0ab",
    "lost": "#5f717b",
    "no_payments": "#c3cfd5",
}


def label(kind: str, code: object) -> str:
    """The word for `code` of vocabulary `kind` in the session's language."""
    if code is None:
        return "—"
    known = LABELS[kind].get(str(code))
    return t(known) if known else str(code)
