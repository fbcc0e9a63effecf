"""Everything known of one customer: the queries behind the 360 card. Each takes the reader and the customer's id."""

from typing import Any

import pyarrow as pa

from apps.data.source import Reader, one, scalar


def profile(reader: Reader, customer_id: int) -> dict[str, Any] | None:
    """All profile attributes, or None when there is no such customer in this snapshot."""
    return one(reader.query("select * from customer_profiles where customer_id = ?", [customer_id]))


def history(reader: Reader, customer_id: int, months: int = 13) -> list[dict[str, Any]]:
    """Month ends, oldest first: usage, charges, payments, debt and active numbers as they stood then."""
    rows = reader.query(
        """select month_end, voice_out_minutes_last_month as voice_minutes, data_mb_last_month as data_mb,
                  sms_out_count_last_month as sms_count, charges_amount_last_month as charges,
                  charges_recurring_amount_last_month as recurring,
                  charges_out_of_bundle_amount_last_month as out_of_bundle,
                  charges_roaming_amount_last_month as roaming, charges_one_off_amount_last_month as one_off,
                  payments_amount_last_month as payments, debt_amount as debt,
                  subscriptions_active_count as active_numbers
           from customer_profiles_history where customer_id = ? order by month_end desc limit ?""",
        [customer_id, months],
    )
    return rows.to_pylist()[::-1]


def agreements(reader: Reader, customer_id: int) -> pa.Table:
    """Agreements with their billing accounts, those in force first; of each account its numbers in use and their
    monthly fees."""
    return reader.query(
        """with held as (
             select s.account_id, count(*) as numbers, sum(p.monthly_fee) as fees
             from dim_subscriptions s left join dim_products p using (product_id)
             where s.customer_id = ? and s.is_current and s.status <> 'terminated' group by s.account_id)
           select g.agreement_id, g.agreement_number, g.signed_date, g.end_date, g.status as agreement_status,
                  b.account_id, b.account_number, b.payment_type, b.status as account_status, b.balance, b.opened_date,
                  coalesce(h.numbers, 0) as numbers, coalesce(h.fees, 0) as fees
           from dim_agreements g left join dim_billing_accounts b using (agreement_id)
           left join held h on h.account_id = b.account_id
           where g.customer_id = ? order by g.status, g.signed_date desc, g.agreement_id, b.account_number limit 500""",
        [customer_id, customer_id],
    )


def subscriptions(reader: Reader, customer_id: int, limit: int, offset: int, account_id: int | None = None) -> pa.Table:
    """Numbers of the customer (of one account, if it is named) in their present state, active first, one page."""
    of_account, more = _of_account(account_id)
    return reader.query(
        f"""select s.subscription_id, s.msisdn, s.status, s.activated_date, s.terminated_date, s.account_id,
                  p.product_name, p.product_name_uz, p.product_name_en, p.family, p.monthly_fee
           from dim_subscriptions s left join dim_products p using (product_id)
           where s.customer_id = ? and s.is_current{of_account}
           order by s.status, s.activated_date desc, s.subscription_id limit ? offset ?""",
        [customer_id, *more, limit, offset],
    )


def subscriptions_count(reader: Reader, customer_id: int, account_id: int | None = None) -> int:
    """How many numbers the customer has ever had (on one account, if it is named)."""
    of_account, more = _of_account(account_id)
    found = reader.query(
        f"select count(*) from dim_subscriptions s where s.customer_id = ? and s.is_current{of_account}",
        [customer_id, *more],
    )
    return scalar(found) or 0


def _of_account(account_id: int | None) -> tuple[str, list[Any]]:
    return ("", []) if account_id is None else (" and s.account_id = ?", [account_id])


def subscription_history(reader: Reader, subscription_id: int) -> pa.Table:
    """How one number changed: status, tariff and number, with the period of each state."""
    return reader.query(
        """select s.valid_from, case when s.is_current then null else s.valid_to end as valid_to, s.status, s.msisdn,
                  s.started_by, s.started_reason, p.product_name, p.product_name_uz, p.product_name_en
           from dim_subscriptions s left join dim_products p using (product_id)
           where s.subscription_id = ? order by s.valid_from desc""",
        [subscription_id],
    )


def products(reader: Reader, customer_id: int) -> pa.Table:
    """Products in use and past, with the count of numbers on each."""
    return reader.query(
        """select p.product_name, p.product_name_uz, p.product_name_en, p.family, p.monthly_fee,
                  p.bundle_minutes, p.bundle_sms, p.bundle_mb,
                  count(*) filter (where s.is_current and s.status <> 'terminated') as in_use,
                  count(distinct s.subscription_id) as ever
           from dim_subscriptions s join dim_products p using (product_id)
           where s.customer_id = ? group by all order by in_use desc, ever desc""",
        [customer_id],
    )


def debt_ageing(reader: Reader, customer_id: int, months: int) -> list[dict[str, Any]]:
    """Debt by age at the last month ends, oldest first."""
    rows = reader.query(
        """select month_end, debt_not_due_amount as not_due, debt_overdue_1_30_amount as d30,
                  debt_overdue_31_60_amount as d60, debt_overdue_61_90_amount as d90,
                  debt_overdue_90_plus_amount as d90_plus
           from customer_profiles_history where customer_id = ? order by month_end desc limit ?""",
        [customer_id, months],
    )
    return rows.to_pylist()[::-1]


def payments(reader: Reader, customer_id: int, limit: int, offset: int) -> pa.Table:
    """Payments, the latest first, one page."""
    return reader.query(
        """select p.paid_at, p.amount, p.method, b.account_number
           from fct_payments p left join dim_billing_accounts b using (account_id)
           where p.customer_id = ? order by p.paid_at desc, p.payment_id limit ? offset ?""",
        [customer_id, limit, offset],
    )


def payments_count(reader: Reader, customer_id: int) -> int:
    """How many payments are stored."""
    return scalar(reader.query("select count(*) from fct_payments where customer_id = ?", [customer_id])) or 0


def invoices(reader: Reader, customer_id: int, limit: int, offset: int = 0) -> pa.Table:
    """Invoices, the latest first, one page."""
    return reader.query(
        """select i.invoice_number, i.issued_date, i.due_date, i.amount, b.account_number
           from fct_invoices i left join dim_billing_accounts b on b.account_id = i.account_id
           where i.customer_id = ? order by i.issued_date desc, i.invoice_number limit ? offset ?""",
        [customer_id, limit, offset],
    )


def invoices_count(reader: Reader, customer_id: int) -> int:
    """How many invoices are stored."""
    return scalar(reader.query("select count(*) from fct_invoices where customer_id = ?", [customer_id])) or 0


def account_debts(reader: Reader, customer_id: int) -> list[dict[str, Any]]:
    """Debt and its ageing by billing account, as last measured, the largest overdue first."""
    return reader.query(
        """select b.account_number, d.measured_date, d.debt_amount, d.not_due_amount, d.overdue_1_30_amount as d30,
                  d.overdue_31_60_amount as d60, d.overdue_61_90_amount as d90, d.overdue_over_90_amount as d90_plus,
                  d.overdue_days, d.open_invoices
           from fct_debt_monthly d left join dim_billing_accounts b on b.account_id = d.account_id
           where d.customer_id = ?
             and d.month_end = (select max(l.month_end) from fct_debt_monthly l where l.customer_id = ?)
           order by d.overdue_days desc, d.debt_amount desc limit 200""",
        [customer_id, customer_id],
    ).to_pylist()


def devices(reader: Reader, customer_id: int, limit: int = 100) -> pa.Table:
    """Devices seen with the customer's numbers, those in use now first."""
    return reader.query(
        """select d.vendor, d.model, d.device_type, d.os, d.os_version, d.release_year, d.valid_from,
                  case when d.is_current then null else d.valid_to end as valid_to, s.msisdn
           from dim_devices d
           left join dim_subscriptions s on s.subscription_id = d.subscription_id and s.is_current
           where d.customer_id = ? order by d.is_current desc, d.valid_from desc limit ?""",
        [customer_id, limit],
    )


def contacts(reader: Reader, customer_id: int) -> pa.Table:
    """Contact persons, those who decide first."""
    return reader.query(
        """select full_name, role, decision_influence, phone, email, power_of_attorney_until from dim_contacts
           where customer_id = ? order by decision_influence, full_name""",
        [customer_id],
    )


def legal_statuses(reader: Reader, inn: str) -> pa.Table:
    """Legal status by INN over time, the latest first."""
    return reader.query(
        """select valid_from, case when is_current then null else valid_to end as valid_to, legal_status,
                  director_name, address
           from fct_legal_statuses where inn = ? order by valid_from desc limit 50""",
        [inn],
    )


def identities(reader: Reader, customer_id: int) -> pa.Table:
    """Records of source systems that are this customer, with the evidence of the match."""
    return reader.query(
        """select source, source_id, full_name, is_naming_record, matched_source, matched_source_id, match_probability,
                  match_weight, match_rule, match_explanation
           from customer_identities where customer_id = ? order by is_naming_record desc, source, source_id""",
        [customer_id],
    )


def rfm_history(reader: Reader, customer_id: int) -> list[dict[str, Any]]:
    """RFM scores and group at each month end, oldest first."""
    return reader.query(
        """select month_end, r_score, f_score, m_score, rfm_group, recency_days, frequency_12m, monetary_12m
           from customer_rfm_history where customer_id = ? order by month_end""",
        [customer_id],
    ).to_pylist()


def catalogue(reader: Reader) -> list[dict[str, Any]]:
    """Every profile attribute: name, labels, group, unit, type, personal data class, source and description."""
    return reader.query("select * from attribute_catalogue order by position").to_pylist()
