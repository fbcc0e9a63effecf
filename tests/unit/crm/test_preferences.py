"""What a user chose for his own screens stays his own."""

from dataclasses import replace

import pytest
from crm_people import NOW, acting, add_user, later

from crm.database import Database
from crm.errors import CrmError
from crm.services.preferences import keep_preference, preference

NAME = "clients.columns"


def test_a_choice_is_found_again_and_is_nobody_else_s(database: Database) -> None:
    farmer, head = add_user(database, "farmer", "farmer"), add_user(database, "head", "head_of_b2b")
    with database.begin() as session:
        keep_preference(session, farmer.user_id, NAME, {"shown": ["inn", "region"]}, acting(farmer), NOW)
    with database.read() as session:
        assert preference(session, farmer.user_id, NAME) == {"shown": ["inn", "region"]}
        assert preference(session, farmer.user_id, "another") is None
        assert preference(session, head.user_id, NAME) is None


def test_a_later_choice_takes_the_place_of_the_one_before(database: Database) -> None:
    farmer = add_user(database, "farmer", "farmer")
    for shown in (["inn"], []):
        with database.begin() as session:
            keep_preference(session, farmer.user_id, NAME, {"shown": shown}, acting(farmer), later(hours=1))
    with database.read() as session:
        assert preference(session, farmer.user_id, NAME) == {"shown": []}


def test_nobody_chooses_for_another_nor_while_looking_through_his_eyes(database: Database) -> None:
    farmer, head = add_user(database, "farmer", "farmer"), add_user(database, "head", "head_of_b2b")
    for actor in (acting(head), replace(acting(farmer), acting_for=farmer.user_id)):
        with pytest.raises(CrmError, match="nothing can be changed"), database.begin() as session:
            keep_preference(session, farmer.user_id, NAME, {"shown": []}, actor, NOW)


def test_a_screen_s_choice_is_no_place_to_store_things(database: Database) -> None:
    farmer = add_user(database, "farmer", "farmer")
    with pytest.raises(ValueError, match="too long"), database.begin() as session:
        keep_preference(session, farmer.user_id, NAME, {"shown": ["x" * 5000]}, acting(farmer), NOW)
