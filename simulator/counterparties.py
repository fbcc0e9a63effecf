"""Counterparties as accountants typed them: organisations and persons of the billing, spelled differently."""

from typing import NamedTuple

import numpy as np
import polars as pl

from simulator.foris_reference import customer_cards
from simulator.names import spell
from simulator.organisations import spell_organisations
from simulator.randomness import stream
from simulator.spelling import misspell
from simulator.timeline import Timeline
from simulator.transliteration import to_latin

PERSON_SHARE, TWICE_SHARE, TYPO_SHARE = 0.08, 0.02, 0.12


class Counterparties(NamedTuple):
    """By counterparty number, in order of the day on which it was entered: whose card it is."""

    day: np.ndarray
    customer: np.ndarray
    first_of: np.ndarray
    """By customer number: its first counterparty, or -1."""


def build_counterparties(timeline: Timeline) -> Counterparties:
    """Every organisation, some persons, and a few organisations entered twice."""
    rng, p = stream(timeline.seed, "counterparties"), timeline.parties
    chosen = p.organisation | ((rng.random(p.count) < PERSON_SHARE) & (p.original == np.arange(p.count)))
    once = np.flatnonzero(chosen)
    twice = np.flatnonzero(p.organisation & (rng.random(p.count) < TWICE_SHARE))
    customer = np.concatenate([once, twice])
    later = np.concatenate([np.ones(len(once), dtype=np.int64), rng.integers(40, 300, len(twice))])
    day = p.created[customer] + later
    order = np.lexsort((customer, day))
    first_of = np.full(p.count, -1)
    first_of[customer[order][::-1]] = np.arange(len(order))[::-1]
    return Counterparties(day[order], customer[order], first_of)


def counterparty_id(number: np.ndarray) -> pl.Series:
    """Codes such as ``К0000042``."""
    return "К" + pl.Series(np.asarray(number) + 1).cast(pl.String).str.zfill(7)


def counterparty_rows(
    timeline: Timeline, parties: Counterparties, after: int, until: int
) -> list[dict[str, str | None]]:
    """Cards entered in (after, until], as text by contract column; None where the accountants left a field empty."""
    chosen = np.flatnonzero((parties.day > after) & (parties.day <= until))
    customer = parties.customer[chosen]
    cards = customer_cards(timeline, customer, parties.day[chosen]).to_dicts()
    companies = spell_organisations(timeline.parties.organisations.take(customer)).to_dicts()
    other = (timeline.parties.script[customer] + 1 + customer % 2) % 3  # a spelling that the billing does not use
    persons = spell(timeline.parties.names.take(customer), other).to_dicts()
    ids = counterparty_id(chosen).to_list()
    dates = timeline.clock.dates(parties.day[chosen]).cast(pl.String).to_list()
    return [
        _row(stream(timeline.seed, "card", number), code, card, company, person, day)
        for number, code, card, company, person, day
        in zip(chosen.tolist(), ids, cards, companies, persons, dates, strict=True)
    ]  # fmt: skip


def _row(
    rng: np.random.Generator, code: str, card: dict, company: dict, person: dict, day: str
) -> dict[str, str | None]:
    known = rng.random(6)
    organisation = card["customer_type"] == "organisation"
    name = _company_name(rng, company) if organisation else _person_name(rng, person)
    return {
        "counterparty_id": code, "kind": card["customer_type"], "name": name,
        "inn": card["inn"] if known[0] < (0.92 if organisation else 0.6) else None,
        "pinfl": card["pinfl"] if known[1] < 0.6 else None,
        "phone": _phone(rng, card["contact_phone"]) if known[2] < 0.85 else None,
        "birth_date": card["birth_date"].isoformat() if card["birth_date"] and known[3] < 0.8 else None,
        "address": f"{card['district']}, {card['address']}" if known[4] < 0.7 else None,
        "updated_date": day,
    }  # fmt: skip


def _person_name(rng: np.random.Generator, person: dict[str, str]) -> str:
    parts = {k: misspell(v, rng) if rng.random() < TYPO_SHARE / 2 else v for k, v in person.items()}
    last, first, middle = parts["last_name"], parts["first_name"], parts["middle_name"]
    style = rng.random()
    if style < 0.15:
        return f"{first} {last}"
    if style < 0.3:
        return f"{first} {middle} {last}"
    text = f"{last} {first} {middle}"
    return text.upper() if style < 0.45 else text


def _company_name(rng: np.random.Generator, company: dict[str, str]) -> str:
    core = misspell(company["core"], rng) if rng.random() < TYPO_SHARE else company["core"]
    form = company["short_name"].split(" «")[0]
    style = int(rng.integers(0, 5))
    return (f'{form} "{core}"', f'"{core.upper()}" {form}', f"{core}, {form}",
            f'"{to_latin(core)}" {company["name_uz"].rsplit("» ", 1)[1]}', f"{form} {core}")[style]  # fmt: skip


def _phone(rng: np.random.Generator, phone: str) -> str:
    if rng.random() < 0.25:
        phone = f"+998{(90, 91, 97, 99)[int(rng.integers(0, 4))]}{int(rng.integers(1_000_000, 10_000_000))}"
    code, rest = phone[4:6], phone[6:]
    return (phone, f"{code} {rest[:3]}-{rest[3:5]}-{rest[5:]}", f"998{code}{rest}",
            f"+998 ({code}) {rest[:3]} {rest[3:]}")[int(rng.integers(0, 4))]  # fmt: skip
