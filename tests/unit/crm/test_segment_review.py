"""From a draft to what counts: review by another person, tests by customers, publication, archive."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from crm_people import NOW, SYSTEM, acting, add_user
from segment_desk import MACHINE, OPTIONS, draft, have_to_be_in, once, publish, rule, save, verdict_on, within

from crm.database import Database
from crm.errors import CrmError
from crm.services import segments
from crm.services.accounts import UserInfo
from crm.services.notices import notices, read_notices, unread_count
from crm.services.segments import Fixture, Schedule, Status, Verdict, VersionState
from segments.errors import DefinitionError
from vitrina.segment_options import SegmentOptions

FOUR_EYES = SegmentOptions(four_eyes=True)


def code_of(database: Database, service: str, *arguments: object) -> str:
    """What a service refuses with."""
    with pytest.raises(CrmError) as refused, database.begin() as session:
        getattr(segments, service)(session, *arguments)
    return refused.value.code


@pytest.fixture
def pair(database: Database) -> tuple[UserInfo, UserInfo]:
    """An author and a reviewer."""
    return add_user(database, "aziza"), add_user(database, "botir")


def test_with_four_eyes_nobody_publishes_what_nobody_else_approved(
    database: Database, pair: tuple[UserInfo, UserInfo]
) -> None:
    author, reviewer = pair
    key = draft(database, "Debtors", rule(), by=author).key
    with pytest.raises(CrmError) as refused:
        publish(database, key, options=FOUR_EYES)
    assert refused.value.code == "segment_not_approved"
    verdict = verdict_on(database, key)
    with database.begin() as session:
        segments.request_review(session, key, acting(author), NOW, verdict, reviewer_id=reviewer.user_id)
    assert code_of(database, "approve", key, acting(author), NOW) == "segment_own_review"
    with database.begin() as session:
        approved = segments.approve(session, key, acting(reviewer), NOW, "well done")
        assert unread_count(session, reviewer.user_id) == 1
        assert [each.kind for each in notices(session, author.user_id)] == ["review_approved"]
    assert (approved.state, approved.reviewer_login) == (VersionState.APPROVED, "botir")
    assert publish(database, key, options=FOUR_EYES).published == 1


def test_a_change_after_the_approval_takes_it_back_and_a_second_hand_may_not_approve_its_own(
    database: Database, pair: tuple[UserInfo, UserInfo]
) -> None:
    author, second = pair
    made = draft(database, "Debtors", rule(), by=author)
    with database.begin() as session:
        segments.request_review(session, made.key, acting(author), NOW, verdict_now(session, made.key))
        segments.approve(session, made.key, acting(second), NOW)
        info = segments.info(session, made.key)
    saved = save(database, info, rule(value=1), by=second)
    assert saved.open_state == VersionState.DRAFT
    with database.begin() as session:
        segments.request_review(session, made.key, acting(author), NOW, verdict_now(session, made.key))
    for each in pair:
        assert code_of(database, "approve", made.key, acting(each), NOW) == "segment_own_review"


def verdict_now(session, key: str) -> Verdict:
    return Verdict(segments.version(session, key).fingerprint)


def test_what_was_returned_is_changed_before_it_goes_on(database: Database, pair: tuple[UserInfo, UserInfo]) -> None:
    author, reviewer = pair
    made = draft(database, "Debtors", rule(), by=author)
    assert code_of(database, "return_review", made.key, acting(reviewer), NOW, "no") == "segment_not_in_review"
    with database.begin() as session:
        segments.request_review(session, made.key, acting(author), NOW, verdict_now(session, made.key))
        returned = segments.return_review(session, made.key, acting(reviewer), NOW, "the limit is too low")
        told = notices(session, author.user_id)
        info = segments.info(session, made.key)
    assert (returned.comment, told[0].kind, told[0].link) == (
        "the limit is too low", "review_returned", f"/segment?key={made.key}"
    )  # fmt: skip
    with pytest.raises(CrmError) as refused:
        publish(database, made.key)
    assert refused.value.code == "segment_returned"
    save(database, info, rule(value=500), by=author)
    assert publish(database, made.key).published == 1


def test_customers_who_have_to_be_in_or_out_stand_between_a_draft_and_its_publication(database: Database) -> None:
    key = draft(database, "Debtors", rule()).key
    wanted = [*have_to_be_in(7), Fixture(8, False, "never pays late")]
    with database.begin() as session:
        assert segments.set_fixtures(session, key, wanted, SYSTEM, NOW) == wanted
    for inside in ((), (7, 8), (8,)):
        with pytest.raises(CrmError) as refused:
            publish(database, key, *inside)
        assert refused.value.code == "segment_fixtures"
    publish(database, key, 7)
    with database.read() as session:
        kept = segments.version(session, key, 1).verdict
    assert kept == {"fixtures": 2, "passed": 2, "difference": {"entered": 3, "left": 1}}


@once
def test_what_was_tested_is_what_is_published(database: Database) -> None:
    made = draft(database, "Debtors", rule())
    before = verdict_on(database, made.key)
    save(database, made, rule(value=1))
    with pytest.raises(CrmError) as refused, database.begin() as session:
        segments.publish_version(
            session, made.key, SYSTEM, NOW, "late", author=MACHINE, verdict=before, options=OPTIONS
        )
    assert refused.value.code == "segment_untested"


@once
@pytest.mark.parametrize("wanted", [[Fixture(7, True), Fixture(7, False)], [Fixture(0, True)], [Fixture(2**63, True)]])
def test_a_customer_is_tested_once_by_a_number_that_can_be(database: Database, wanted: list[Fixture]) -> None:
    key = draft(database, "Debtors", rule()).key
    assert code_of(database, "set_fixtures", key, wanted, SYSTEM, NOW) == "segment_fixture_customers"


def test_a_segment_stands_only_on_published_ones_and_two_drafts_make_no_circle(database: Database) -> None:
    first = draft(database, "First", rule())
    draft(database, "Second", *within("first"))
    with pytest.raises(CrmError) as refused:
        publish(database, "second")
    assert refused.value.code == "segment_needs_published"
    publish(database, "first")
    with database.read() as session:
        first = segments.info(session, first.key)
    publish(database, "second")
    with pytest.raises(DefinitionError, match="circle"):
        save(database, first, *within("second"))


def test_of_two_publications_that_close_a_circle_together_one_is_refused(database: Database) -> None:
    made = [draft(database, "First", rule()), draft(database, "Second", rule())]
    for info in made:
        publish(database, info.key)
    with database.read() as session:
        made = [segments.info(session, info.key) for info in made]
    save(database, made[0], *within("second"))
    save(database, made[1], *within("first"))
    start = Barrier(2)

    def one(key: str) -> str:
        start.wait()
        try:
            publish(database, key)
        except DefinitionError:
            return "circle"
        return "published"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, ("first", "second"))) == ["circle", "published"]


def test_nothing_in_use_or_on_a_schedule_is_put_away(database: Database) -> None:
    draft(database, "First", rule())
    publish(database, "first")
    second = draft(database, "Second", *within("first"))
    assert code_of(database, "archive", "first", SYSTEM, NOW, "old") == "segment_used"
    save(database, second, rule())
    with database.begin() as session:
        segments.set_schedule(session, "first", Schedule(segments.Mode.CRON, "0 6 * * *"), SYSTEM, NOW)
    assert code_of(database, "archive", "first", SYSTEM, NOW, "old") == "segment_scheduled"
    with database.begin() as session:
        segments.set_schedule(session, "first", Schedule(), SYSTEM, NOW)
        assert segments.archive(session, "first", SYSTEM, NOW, "old").status == Status.ARCHIVED
        assert "first" not in segments.definitions(session)
        assert [each.key for each in segments.segments(session, None)] == ["second"]
    assert code_of(database, "share", "first", "all", [], SYSTEM, NOW) == "segment_archived"
    with database.begin() as session:
        assert segments.bring_back(session, "first", SYSTEM, NOW, "needed").status == Status.ACTIVE


@once
def test_a_published_version_that_others_use_counts_even_when_its_draft_no_longer_names_them(
    database: Database,
) -> None:
    draft(database, "First", rule())
    publish(database, "first")
    draft(database, "Second", *within("first"))
    published = publish(database, "second")
    save(database, published, rule())
    with database.read() as session:
        assert segments.used_by(session, "first") == ["Second"]
    assert code_of(database, "archive", "first", SYSTEM, NOW, "old") == "segment_used"


def test_notices_are_of_one_person_until_they_are_read(database: Database, pair: tuple[UserInfo, UserInfo]) -> None:
    author, reviewer = pair
    for name in ("One", "Two"):
        key = draft(database, name, rule(), by=author).key
        with database.begin() as session:
            segments.request_review(
                session, key, acting(author), NOW, verdict_now(session, key), reviewer_id=reviewer.user_id
            )
    with database.begin() as session:
        newest, older = notices(session, reviewer.user_id)
        assert newest.values == {"segment": "Two", "login": "aziza"}
        assert read_notices(session, author.user_id, NOW, [newest.notice_id]) == 0
        assert read_notices(session, reviewer.user_id, NOW, [newest.notice_id]) == 1
        assert [each.notice_id for each in notices(session, reviewer.user_id, unread=True)] == [older.notice_id]
        assert (read_notices(session, reviewer.user_id, NOW), unread_count(session, reviewer.user_id)) == (1, 0)
