"""The universal control group keeps its members, and what moves them is written down."""

import datetime as dt

import polars as pl
import pytest

from campaigns.control import group_on, renew
from segments.errors import DefinitionError

MARCH, APRIL, MAY = dt.date(2026, 3, 1), dt.date(2026, 4, 1), dt.date(2026, 5, 1)


def people(*numbers: int) -> pl.DataFrame:
    return pl.DataFrame({"customer_id": list(numbers)}, schema={"customer_id": pl.Int64})


def tied(*pairs: tuple[int, int]) -> pl.DataFrame:
    return pl.DataFrame(list(pairs), schema={"customer_id": pl.Int64, "cluster_id": pl.Int64}, orient="row")


def members_of(history, day: dt.date) -> set[int]:  # type: ignore[no-untyped-def]
    rows = pl.from_arrow(group_on(history, day))
    return set(rows.filter("is_control")["customer_id"])


def test_who_is_in_the_group_stays_whatever_the_share_and_whoever_comes() -> None:
    first = renew(None, people(*range(100)), tied(), 20, MARCH)
    assert (first.members, first.control, first.assigned) == (100, 20, 100)
    later = renew(first.history, people(*range(300)), tied(), 10, APRIL)
    assert members_of(later.history, MARCH) <= members_of(later.history, APRIL)
    assert (later.assigned, later.control, later.released) == (200, 40, 0)
    assert renew(later.history, people(*range(300)), tied(), 10, MAY).history.equals(later.history)


def test_a_new_number_of_a_household_takes_its_part() -> None:
    first = renew(None, people(*range(50)), tied(), 30, MARCH)
    inside, outside = min(members_of(first.history, MARCH)), min(set(range(50)) - members_of(first.history, MARCH))
    later = renew(first.history, people(*range(52)), tied((50, inside), (51, outside)), 30, APRIL)
    assert 50 in members_of(later.history, APRIL)
    assert 51 not in members_of(later.history, APRIL)
    assert later.joined == 2


def test_a_member_whose_household_was_contacted_is_released_and_the_past_still_knows_him() -> None:
    first = renew(None, people(*range(50)), tied(), 30, MARCH)
    inside, outside = min(members_of(first.history, MARCH)), min(set(range(50)) - members_of(first.history, MARCH))
    low, high = sorted((inside, outside))
    later = renew(first.history, people(*range(50)), tied((high, low)), 30, APRIL)
    assert later.released == 1
    assert inside not in members_of(later.history, APRIL)
    assert inside in members_of(later.history, MARCH)
    mine = pl.from_arrow(later.history).filter(pl.col("customer_id") == inside)
    assert mine.select("is_control", "valid_from", "valid_to", "reason").rows() == [
        (True, MARCH, APRIL, "assigned"), (False, APRIL, None, "released")]  # fmt: skip


def test_who_leaves_is_closed_and_a_rotation_draws_everybody_anew() -> None:
    first = renew(None, people(*range(100)), tied(), 20, MARCH)
    fewer = renew(first.history, people(*range(50)), tied(), 20, APRIL)
    assert fewer.left == 50
    assert members_of(fewer.history, APRIL) == {each for each in members_of(first.history, MARCH) if each < 50}
    anew = renew(fewer.history, people(*range(50)), tied(), 20, MAY, seed="universal 2027", rotate=True)
    assert anew.control == 10
    assert members_of(anew.history, MAY) != members_of(anew.history, APRIL)
    assert members_of(anew.history, APRIL) == members_of(fewer.history, APRIL)


def test_a_day_before_what_is_known_is_refused_and_the_same_day_leaves_no_empty_stretch() -> None:
    first = renew(None, people(*range(30)), tied(), 20, APRIL)
    with pytest.raises(DefinitionError, match="cannot be added"):
        renew(first.history, people(*range(30)), tied(), 20, MARCH)
    again = renew(first.history, people(*range(30)), tied(), 20, APRIL, seed="other", rotate=True)
    rows = pl.from_arrow(again.history)
    assert rows["customer_id"].n_unique() == rows.height == 30
