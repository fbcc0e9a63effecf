"""What texts of messages may say of a customer: a short list, on purpose. Nothing that must not go over the air to
whoever holds the phone (documents, birth date, debts of an organisation) is in it."""

from typing import Final

# Placeholder: column of `customer_profiles`, and what authors read beside it.
PLACEHOLDERS: Final[dict[str, tuple[str, str]]] = {
    "first_name": ("first_name", "First name"),
    "middle_name": ("middle_name", "Patronymic"),
    "last_name": ("last_name", "Last name"),
    "full_name": ("full_name", "Full name, or that of the organisation"),
    "short_name": ("short_name", "Short name of the organisation"),
    "manager_name": ("manager_name", "Name of the account manager"),
    "region": ("region_code", "Code of the region"),
    "number": ("main_msisdn", "Main phone number"),
    "tariff": ("main_product_name", "Main tariff"),
    "monthly_fee": ("main_product_monthly_fee", "Monthly fee of the main tariff"),
    "bundle_mb": ("bundle_mb", "Megabytes in the bundle"),
    "bundle_minutes": ("bundle_minutes", "Minutes in the bundle"),
    "data_mb": ("data_mb_last_month", "Megabytes used last month"),
    "charges": ("charges_amount_last_month", "Charges of last month"),
    "debt": ("debt_amount", "Debt"),
    "debt_overdue": ("debt_overdue_amount", "Overdue debt"),
    "last_payment": ("last_payment_amount", "Amount of the last payment"),
    "last_payment_date": ("last_payment_date", "Day of the last payment"),
    "agreement_end": ("agreement_next_end_date", "Day on which the agreement ends"),
    "tenure_months": ("tenure_months_count", "Months as a customer"),
}
