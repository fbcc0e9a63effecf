"""What texts of messages may say of a customer: a short list, on purpose. Nothing that must not go over the air to
whoever holds the phone (documents, birth date) is in it. What authors read beside them: `PLACEHOLDER_LABELS`."""

from typing import Final

# Placeholder: column of `customer_profiles`.
PLACEHOLDERS: Final[dict[str, str]] = {
    "first_name": "first_name",
    "middle_name": "middle_name",
    "last_name": "last_name",
    "full_name": "full_name",
    "short_name": "short_name",
    "manager_name": "manager_name",
    "region": "region_code",
    "number": "main_msisdn",
    "tariff": "main_product_name",
    "monthly_fee": "main_product_monthly_fee",
    "bundle_mb": "bundle_mb",
    "bundle_minutes": "bundle_minutes",
    "data_mb": "data_mb_last_month",
    "charges": "charges_amount_last_month",
    "debt": "debt_amount",
    "debt_overdue": "debt_overdue_amount",
    "last_payment": "last_payment_amount",
    "last_payment_date": "last_payment_date",
    "agreement_end": "agreement_next_end_date",
    "tenure_months": "tenure_months_count",
}
