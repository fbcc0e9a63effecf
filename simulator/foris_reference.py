"""FORIS reference tables as rows that changed in (after, until]: customers, agreements, subscriptions and so on."""

import numpy as np
import polars as pl

from simulator.geography import REGIONS, STREETS
from simulator.months import NEVER, latest_changes, second_of_day
from simulator.names import draw_names, spell
from simulator.organisations import draw_links, spell_organisations
from simulator.parties import FIRST_CUSTOMER_ID, SEGMENTS, pinfl
from simulator.products import product_rows
from simulator.randomness import pick, scatter, stream
from simulator.spelling import FORIS_TYPO_SHARE, with_typos
from simulator.staff import department_rows, employee_id, employee_rows
from simulator.subscriptions import (
    EVENT_TYPES,
    FIRST_ACCOUNT_ID,
    FIRST_AGREEMENT_ID,
    FIRST_SUBSCRIPTION_ID,
    NUMBER,
    REASONS,
    SUSPENDED,
    TARIFF,
    TERMINATED,
)  # fmt: skip
from simulator.timeline import Timeline

OWN_PREFIXES = ("93", "94", "50")
OTHER_PREFIXES = ("90", "91", "95", "97", "98", "99", "88", "33", "77")
LANGUAGES = ("ru", "uz", "en")


def reference_rows(timeline: Timeline, after: int, until: int) -> dict[str, pl.DataFrame]:
    """All slowly changing FORIS tables except `account`, whose balance comes from the ledger."""
    return {
        "department": department_rows(timeline.staff, timeline.clock, after, until),
        "employee": employee_rows(timeline.staff, timeline.clock, after, until),
        "product": product_rows(timeline.clock, timeline.months, after, until),
        "customer": customer_rows(timeline, after, until),
        "customer_link": link_rows(timeline, after, until),
        "contact": contact_rows(timeline, after, until),
        "agreement": agreement_rows(timeline, after, until),
        "subscription": subscription_rows(timeline, after, until),
        "subscription_event": event_rows(timeline, after, until),
    }


def phone_number(number: np.ndarray, seed: int) -> pl.Series:
    """The operator's own phone numbers, all different for different numbers."""
    code = scatter(number, 30_000_000, seed)
    prefix = pl.Series(list(OWN_PREFIXES))[code // 10_000_000]
    return "+998" + prefix + pl.Series(code % 10_000_000).cast(pl.String).str.zfill(7)


def organisation_inn(number: np.ndarray, seed: int) -> pl.Series:
    """INN of organisations by customer number, beginning with 2 or 3."""
    return pl.Series(200_000_000 + scatter(number, 110_000_000, seed)).cast(pl.String)


def customer_cards(timeline: Timeline, who: np.ndarray, day: np.ndarray) -> pl.DataFrame:
    """Cards of chosen customers as they look on a day each."""
    p, clock, seed = timeline.parties, timeline.clock, timeline.seed
    organisation = pl.Series(p.organisation[who])
    person = spell(p.names.take(who), p.script[who])
    person = with_typos(person, who != p.original[who], FORIS_TYPO_SHARE, seed)
    company = spell_organisations(p.organisations.take(who))
    changed = p.update_day[who] <= day
    latin = p.script[who] == 2
    frame = pl.DataFrame({
        "customer_id": who + FIRST_CUSTOMER_ID, "is_org": organisation, **person.to_dict(),
        **company.rename({"full_name": "org_name"}).to_dict(),
        "org_inn": organisation_inn(who, seed),
        "person_inn": pl.Series(400_000_000 + scatter(p.person[who], 200_000_000, seed)).cast(pl.String),
        "has_inn": p.has_inn[who], "pinfl_all": pinfl(p, clock, seed)[who], "has_pinfl": p.has_pinfl[who],
        "passport_all": _passports(p.person[who], seed), "has_passport": p.has_passport[who],
        "sex_all": pl.Series(["M", "F"])[p.names.female[who].astype(np.int64)],
        "birth_all": clock.dates(p.birth_day[who]),
        "region_code": pl.Series([r.code for r in REGIONS])[p.region[who]],
        "district": _districts(p.region[who], p.district[who], latin),
        "address": _addresses(p, who, latin, changed),
        "has_email": p.has_email[who], "contact_phone": _contact_phones(timeline, who, changed),
        "language": pl.Series(list(LANGUAGES))[p.language[who]], "segment": pl.Series(list(SEGMENTS))[p.segment[who]],
        "headcount_all": p.headcount[who], "manager_id": _managers(timeline, who, day),
        "status": _customer_status(timeline, who, day),
        "consent_marketing": p.consent[who] ^ (changed & (who % 3 == 0)),
        "created_at": clock.instants(p.created[who], second_of_day(who, 1)),
        "updated_at": clock.instants(day, second_of_day(who, 1)),
    })  # fmt: skip
    return _card_columns(frame)


def _card_columns(frame: pl.DataFrame) -> pl.DataFrame:
    org = pl.col("is_org")

    def for_person(name: str, also: str | None = None) -> pl.Expr:
        keep = ~org & pl.col(also) if also else ~org
        return pl.when(keep).then(pl.col(name))

    full = pl.concat_str("last_name", "first_name", "middle_name", separator=" ")
    return frame.select(
        "customer_id", pl.when(org).then(pl.lit("organisation")).otherwise(pl.lit("person")).alias("customer_type"),
        pl.when(org).then(pl.col("org_name")).otherwise(full).alias("full_name"),
        *(for_person(c).alias(c) for c in ("last_name", "first_name", "middle_name")),
        *(pl.when(org).then(pl.col(c)).alias(c) for c in ("short_name", "name_uz")),
        pl.when(org).then(pl.col("org_inn")).when(pl.col("has_inn")).then(pl.col("person_inn")).alias("inn"),
        for_person("pinfl_all", "has_pinfl").alias("pinfl"), for_person("passport_all",
            "has_passport").alias("passport"),
        for_person("sex_all").alias("sex"), for_person("birth_all").alias("birth_date"),
        "region_code", "district", "address",
        pl.when(pl.col("has_email")).then(pl.concat_str(
            pl.when(org).then(pl.lit("info")).otherwise(pl.lit("user")), pl.col("customer_id"),
            pl.when(org).then(pl.lit("@mail.uz")).otherwise(pl.lit("@gmail.com")))).alias("email"),
        "contact_phone", "language", "segment", pl.when(org).then(pl.col("industry")).alias("industry"),
        pl.when(org).then(pl.col("headcount_all")).alias("headcount"), "manager_id", "status", "consent_marketing",
        "created_at", "updated_at",
    )  # fmt: skip


def customer_rows(timeline: Timeline, after: int, until: int) -> pl.DataFrame:
    """FORIS `customer`: created, changed its card, changed manager, suspended for debt, closed."""
    p = timeline.parties
    manager_day = _manager_change_day(timeline, np.arange(p.count))
    suspended = _debt_day(timeline)
    days = np.concatenate([p.created, p.update_day, manager_day, suspended, p.churn.day])
    who, day = latest_changes(p.count, np.tile(np.arange(p.count), 5), days, after, until)
    return customer_cards(timeline, who, day)


def link_rows(timeline: Timeline, after: int, until: int) -> pl.DataFrame:
    """FORIS `customer_link` between organisations."""
    links = draw_links(timeline.seed, timeline.organisations, timeline.parties.created)
    count = len(links["day"])
    who, day = latest_changes(
        count, np.tile(np.arange(count), 2), np.concatenate([links["day"], links["ended"]]), after, until
    )
    return pl.DataFrame({
        "link_id": who + 1, "customer_id": links["customer"][who] + FIRST_CUSTOMER_ID,
        "linked_customer_id": links["linked"][who] + FIRST_CUSTOMER_ID,
        "link_type": pl.Series(links["kind"][who].tolist(), dtype=pl.String), "is_formal": links["formal"][who],
        "valid_from": timeline.clock.dates(links["day"][who]),
        "valid_to": timeline.clock.dates(np.where(links["ended"][who] <= until, links["ended"][who], NEVER)),
        "updated_at": timeline.clock.instants(day, second_of_day(who, 2)),
    })  # fmt: skip


def contact_rows(timeline: Timeline, after: int, until: int) -> pl.DataFrame:
    """FORIS `contact`: one to three people of each organisation."""
    rng, organisations = stream(timeline.seed, "contacts"), timeline.organisations
    owner = np.repeat(organisations, 1 + pick(rng, len(organisations), [45, 35, 20]))
    count = len(owner)
    rank = np.arange(count) - np.searchsorted(owner, owner)
    names = spell(draw_names(rng, count), np.zeros(count, dtype=np.int64))
    role = np.where(rank == 0, 0, rng.integers(1, 6, count))
    influence = np.where(role == 0, 0, rng.integers(1, 3, count))
    attorney = np.where((role > 0) & (rng.random(count) < 0.3), 365 * rng.integers(1, 4, count), NEVER)
    added = timeline.parties.created[owner] + np.where(rank == 0, 0, rng.integers(0, 300, count))
    phones = _foreign_phones(np.arange(count) + 7, timeline.seed)
    seen = np.flatnonzero((added > after) & (added <= until))
    roles = ["director", "accountant", "it_head", "procurement", "secretary", "other"]
    return pl.DataFrame({
        "contact_id": seen + 1, "customer_id": owner[seen] + FIRST_CUSTOMER_ID,
        "full_name": names.select(pl.concat_str("last_name", "first_name", "middle_name",
            separator=" ")).to_series()[seen],
        "role": pl.Series(roles)[role[seen]],
        "decision_influence": pl.Series(["decides", "influences", "informs"])[influence[seen]],
        "phone": phones[seen],
        "email": pl.Series([f"contact{i + 1}@mail.uz" if i % 3 else None for i in seen.tolist()], dtype=pl.String),
        "power_of_attorney_until": timeline.clock.dates(np.where(attorney < NEVER, added + attorney, NEVER)[seen]),
        "updated_at": timeline.clock.instants(added[seen], second_of_day(seen, 3)),
    })  # fmt: skip


def agreement_rows(timeline: Timeline, after: int, until: int) -> pl.DataFrame:
    """FORIS `agreement`: signed, renewed for another term, terminated when the customer leaves."""
    subs, p, clock, terms = timeline.subscriptions, timeline.parties, timeline.clock, timeline.terms
    count = len(subs.agreement_customer)
    signed, ended = p.created[subs.agreement_customer], p.churn.day[subs.agreement_customer]
    index = np.concatenate([np.tile(np.arange(count), 2), terms.agreement])
    who, day = latest_changes(count, index, np.concatenate([signed, ended, terms.renewed]), after, until)
    over = ended[who] <= until
    number = pl.Series(who + FIRST_AGREEMENT_ID).cast(pl.String)
    return pl.DataFrame({
        "agreement_id": who + FIRST_AGREEMENT_ID,
        "customer_id": subs.agreement_customer[who] + FIRST_CUSTOMER_ID,
        "agreement_number": "Д-" + number, "signed_date": clock.dates(signed[who]),
        "end_date": clock.dates(np.where(over, ended[who], terms.end_on(until)[who])),
        "status": pl.Series(["active", "terminated"])[over.astype(np.int64)],
        "updated_at": clock.instants(day, second_of_day(who, 4)),
    })  # fmt: skip


def account_rows(
    timeline: Timeline, balance: np.ndarray, touched_day: np.ndarray, after: int, until: int
) -> pl.DataFrame:
    """FORIS `account`: opened, suspended, closed, or with a balance that money moved (in 1/100 UZS)."""
    subs, p, clock = timeline.subscriptions, timeline.parties, timeline.clock
    owner, count = subs.account_customer, len(subs.account_agreement)
    opened, closed, suspended = p.created[owner], p.churn.day[owner], _debt_day(timeline)[owner]
    who, day = latest_changes(
        count, np.tile(np.arange(count), 4), np.concatenate([opened, closed, suspended, touched_day]), after, until
    )
    status = np.where(closed[who] <= until, 2, np.where(suspended[who] <= until, 1, 0))
    return pl.DataFrame({
        "account_id": who + FIRST_ACCOUNT_ID, "agreement_id": subs.account_agreement[who] + FIRST_AGREEMENT_ID,
        "account_number": "ЛС" + pl.Series(who + 50_000_001).cast(pl.String),
        "payment_type": pl.Series(["postpaid", "prepaid"])[subs.account_prepaid[who].astype(np.int64)],
        "currency": pl.Series(["UZS"] * len(who), dtype=pl.String),
        "status": pl.Series(["active", "suspended", "closed"])[status], "balance": balance[who] / 100,
        "opened_date": clock.dates(opened[who]), "updated_at": clock.instants(day, 23 * 3600 + 3000),
    })  # fmt: skip


def subscription_rows(timeline: Timeline, after: int, until: int) -> pl.DataFrame:
    """FORIS `subscription` as of the last event up to `until`."""
    subs, clock = timeline.subscriptions, timeline.clock
    number, event_day, _ = subs.events()
    who, day = latest_changes(subs.count, number, event_day, after, until)
    over = subs.terminated[who] <= day
    state = np.where(over, 2, subs.is_suspended(who, day).astype(np.int64))
    return pl.DataFrame({
        "subscription_id": who + FIRST_SUBSCRIPTION_ID, "account_id": subs.account[who] + FIRST_ACCOUNT_ID,
        "msisdn": _msisdn_at(timeline, who, day),
        "imsi": "43405" + pl.Series(scatter(who, 10**10, timeline.seed)).cast(pl.String).str.zfill(10),
        "product_id": subs.product_at(who, day) + 1,
        "status": pl.Series(["active", "suspended", "terminated"])[state],
        "activated_date": clock.dates(subs.activated[who]),
        "terminated_date": clock.dates(np.where(over, subs.terminated[who], NEVER)),
        "updated_at": clock.instants(day, second_of_day(who, 5)),
    })  # fmt: skip


def event_rows(timeline: Timeline, after: int, until: int) -> pl.DataFrame:
    """FORIS `subscription_event`; ids follow the order of the whole timeline."""
    subs, clock = timeline.subscriptions, timeline.clock
    number, day, kind = subs.events()
    seen = np.flatnonzero((day > after) & (day <= until))
    who, when, what = number[seen], day[seen], kind[seen]
    at = clock.instants(when, second_of_day(who, 5))
    debt = subs.debt_suspended_from[who] == when
    reason = np.select(
        [what == TERMINATED, (what == SUSPENDED) & debt, what == SUSPENDED, np.isin(what, (TARIFF, NUMBER))],
        [subs.reason[who], 4, 7, 8],
        -1,
    )
    frame = pl.DataFrame({
        "event_id": seen + 1, "subscription_id": who + FIRST_SUBSCRIPTION_ID,
        "event_type": pl.Series(list(EVENT_TYPES))[what], "event_at": at,
        "product": subs.product_at(who, when) + 1, "msisdn_then": _msisdn_at(timeline, who, when),
        "reason": pl.Series([*REASONS, None])[reason], "updated_at": at, "kind": what,
    })  # fmt: skip
    starts = pl.col("kind").is_in([0, TARIFF])
    return frame.select(
        "event_id", "subscription_id", "event_type", "event_at",
            pl.when(starts).then(pl.col("product")).alias("product_id"),
        pl.when(pl.col("kind").is_in([0, NUMBER])).then(pl.col("msisdn_then")).alias("msisdn"), "reason", "updated_at",
    )  # fmt: skip


def _msisdn_at(timeline: Timeline, who: np.ndarray, day: np.ndarray) -> pl.Series:
    subs = timeline.subscriptions
    return phone_number(np.where(subs.number_day[who] <= day, who + subs.count, who), timeline.seed)


def _contact_phones(timeline: Timeline, who: np.ndarray, changed: np.ndarray) -> pl.Series:
    """The first own number of a customer; a number of another operator after a change and for a quarter of all."""
    first = np.searchsorted(timeline.subscriptions.customer, timeline.parties.person[who])
    own = phone_number(first, timeline.seed)
    elsewhere = (timeline.parties.person[who] % 4 == 0) | changed
    return pl.DataFrame(
        {"own": own, "other": _foreign_phones(who + 1_000_000 * changed, timeline.seed), "e": elsewhere}
    ).select(pl.when("e").then(pl.col("other")).otherwise(pl.col("own")))["other"]


def _foreign_phones(number: np.ndarray, seed: int) -> pl.Series:
    code = scatter(number, 10_000_000, seed + 1)
    prefix = pl.Series(list(OTHER_PREFIXES))[np.asarray(number) % len(OTHER_PREFIXES)]
    return "+998" + prefix + pl.Series(code).cast(pl.String).str.zfill(7)


def _passports(person: np.ndarray, seed: int) -> pl.Series:
    code = scatter(person, 40_000_000, seed)
    return pl.Series(["AA", "AB", "AC", "AD"])[code // 10_000_000] + pl.Series(code % 10_000_000).cast(
        pl.String
    ).str.zfill(7)


def _districts(region: np.ndarray, district: np.ndarray, latin: np.ndarray) -> pl.Series:
    flat = [pair for r in REGIONS for pair in r.districts]
    offsets = np.cumsum([0] + [len(r.districts) for r in REGIONS])
    texts = [ru for ru, _ in flat] + [uz for _, uz in flat]
    return pl.Series(texts)[offsets[region] + district + latin * len(flat)]


def _addresses(p, who: np.ndarray, latin: np.ndarray, changed: np.ndarray) -> pl.Series:
    street = (p.street[who] + changed) % len(STREETS)
    texts = [f"ул. {ru}, " for ru, _ in STREETS] + [f"{uz} koʻchasi, " for _, uz in STREETS]
    return pl.Series(texts)[street + latin * len(STREETS)] + pl.Series(p.house[who]).cast(pl.String)


def _manager_change_day(timeline: Timeline, who: np.ndarray) -> np.ndarray:
    slot = timeline.parties.manager_slot[who]
    left = np.where(slot >= 0, timeline.staff.slot_left_day[slot], NEVER)
    return np.where((left > timeline.parties.created[who]) & (left < timeline.parties.churn.day[who]), left, NEVER)


def _managers(timeline: Timeline, who: np.ndarray, day: np.ndarray) -> pl.Series:
    slot, staff = timeline.parties.manager_slot[who], timeline.staff
    holder = np.where(staff.slot_left_day[slot] <= day, staff.slot_successor[slot], staff.slot_holder[slot])
    return employee_id(np.where(slot >= 0, holder, -10_000_000))


def _debt_day(timeline: Timeline) -> np.ndarray:
    """Day on which a customer is suspended for debt, by customer."""
    subs = timeline.subscriptions
    day = np.full(timeline.parties.count, NEVER)
    np.minimum.at(day, subs.customer, subs.debt_suspended_from)
    return day


def _customer_status(timeline: Timeline, who: np.ndarray, day: np.ndarray) -> pl.Series:
    closed = timeline.parties.churn.day[who] <= day
    suspended = _debt_day(timeline)[who] <= day
    return pl.Series(["active", "suspended", "closed"])[np.where(closed, 2, suspended.astype(np.int64))]
