"""The delivered roles, and the matrix that an administrator makes of them."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import yaml
from crm_people import NOW, OPTIONS, SYSTEM, acting, add_user, later

from crm.database import Database
from crm.errors import CrmError
from crm.models import MatrixVersion
from crm.services import accounts, matrix, role_file, user_roles
from crm.services.audit import AuditKind
from crm.services.audit_log import AuditFilter, search
from crm.services.matrix_changes import Change, GrantChange, MaskChange, RoleAdded, RoleRemoved, RoleRenamed
from crm.services.rights import rights_of
from crm.services.rights_version import rights_version
from crm.services.role_file import delivered
from vitrina.access.rights import COLUMN_CLASSES, Mask, Scope
from vitrina.i18n import LANGUAGES

TODAY = NOW.date()
ROLES = {
    "commercial_director", "head_of_marketing", "marketing_specialist", "head_of_b2b", "b2c_specialist", "hunter",
    "farmer", "product_analyst", "collections", "head_of_contact_center", "supervisor", "first_line_operator",
    "second_line_operator", "telemarketing_operator", "quality_manager", "contact_center_administrator",
    "technical_staff", "data_engineer", "system_administrator",
}  # fmt: skip


@pytest.fixture
def database(database: Database) -> Database:
    """With somebody who can administer, as every company has."""
    add_user(database, "root", "system_administrator")
    return database


def save(database: Database, *changes: Change, base: int = 1, reason: str = "test") -> matrix.Matrix:
    with database.begin() as session:
        return matrix.save_matrix(session, changes, base, SYSTEM, NOW, reason)


def test_every_role_of_the_company_is_delivered_with_a_name_in_each_language() -> None:
    assert set(delivered().roles) == ROLES
    for role in delivered().roles.values():
        assert set(role.names) == set(LANGUAGES)
        assert len(set(role.names.values())) == len(LANGUAGES)


def test_nobody_reaches_further_with_an_export_or_a_query_than_with_a_look() -> None:
    for role in delivered().roles.values():
        for (name, action), scope in role.grants.items():
            if action in ("export", "query") and (name, "view") in delivered_views():
                assert scope <= role.grants[name, "view"], (role.code, name, action)


def delivered_views() -> set[tuple[str, str]]:
    return {(name, "view") for name, actions in delivered().actions.items() if "view" in actions}


def test_who_gives_rights_sees_no_customer_and_who_sees_customers_gives_no_rights() -> None:
    for role in delivered().roles.values():
        administers = ("roles", "administer") in role.grants or ("users", "administer") in role.grants
        assert not (administers and ("customers", "view") in role.grants), role.code
    assert delivered().roles["system_administrator"].masks == {}


def test_identity_numbers_are_whole_for_nobody_and_analysts_see_no_person() -> None:
    for role in delivered().roles.values():
        assert role.masks.get("identity", Mask.ABSENT) >= Mask.PARTIAL, role.code
    for code in ("data_engineer", "product_analyst"):
        masks = delivered().roles[code].masks
        assert {masks.get(each, Mask.ABSENT) for each in ("name", "contact", "identity")} <= {Mask.HASHED, Mask.ABSENT}


def test_operators_take_nothing_out() -> None:
    for code in ("first_line_operator", "second_line_operator", "telemarketing_operator", "supervisor", "hunter"):
        assert not [key for key in delivered().roles[code].grants if key[1] in ("export", "query")]


@pytest.mark.parametrize(
    "change",
    [
        {"actions": {"moon": ["view"]}},
        {"roles": {"odd": {"names": {}, "masks": {}, "grants": {"customers": {"fly": "all"}}}}},
        {"roles": {"odd": {"names": {}, "masks": {"smell": "open"}, "grants": {}}}},
        {"roles": {"odd": {"names": {}, "masks": {}, "grants": {"customers": {"view": "galaxy"}}}}},
    ],
)
def test_a_role_file_that_names_what_does_not_exist_is_refused(change: dict) -> None:
    content = yaml.safe_load(role_file.ROLE_FILE.read_text(encoding="utf-8"))
    for part, entries in change.items():
        content[part].update(entries)
    with pytest.raises(ValueError, match="not"):
        role_file.parse(content)


def test_a_change_counts_at_once_and_raises_the_counter(database: Database) -> None:
    user = add_user(database, "alisher", "farmer")
    with database.read() as session:
        before, counter = rights_of(session, user.user_id, TODAY), rights_version(session)
    assert before.scope("customers", "view") is Scope.OWN
    save(database, GrantChange("farmer", "customers", "view", Scope.UNIT), MaskChange("farmer", "name", Mask.PARTIAL))
    with database.read() as session:
        after = rights_of(session, user.user_id, TODAY)
        assert rights_version(session) == counter + 1
    assert (after.scope("customers", "view"), after.mask("name")) == (Scope.UNIT, Mask.PARTIAL)
    assert after.version > before.version


def test_a_right_can_be_taken_away(database: Database) -> None:
    user = add_user(database, "alisher", "farmer")
    save(database, GrantChange("farmer", "finance", "view", None))
    with database.read() as session:
        assert not rights_of(session, user.user_id, TODAY).allows("finance", "view")


def test_every_version_is_kept_and_any_can_be_brought_back(database: Database) -> None:
    save(database, GrantChange("farmer", "finance", "view", None), reason="first")
    save(database, MaskChange("farmer", "contact", Mask.ABSENT), base=2, reason="second")
    with database.begin() as session:
        restored = matrix.restore(session, 1, SYSTEM, later(hours=1), "both were wrong")
    assert restored.roles == dict(delivered().roles)
    with database.read() as session:
        listed = [(each.version, each.reason, each.restored_from) for each in matrix.versions(session)]
        assert matrix.matrix(session, 2).roles["farmer"].grants != restored.roles["farmer"].grants
    assert listed == [
        (4, "both were wrong", 1), (3, "second", None), (2, "first", None), (1, "delivered roles", None)
    ]  # fmt: skip


def test_two_administrators_who_save_at_once_do_not_overwrite_each_other(database: Database) -> None:
    def one(number: int) -> str:
        try:
            save(database, MaskChange("farmer", "contact", [Mask.ABSENT, Mask.HASHED][number]))
        except CrmError as error:
            return error.code
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, (0, 1))) == ["matrix_changed", "saved"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (GrantChange("nobody", "customers", "view", Scope.ALL), "role_unknown"),
        (GrantChange("farmer", "moon", "view", Scope.ALL), "matrix_object"),
        (GrantChange("farmer", "data_health", "export", Scope.ALL), "matrix_object"),
        (MaskChange("farmer", "smell", Mask.OPEN), "matrix_mask"),
        (GrantChange("farmer", "customers", "view", Scope.OWN), "matrix_same"),
        (RoleAdded("farmer", {"ru": "Фермер"}), "role_exists"),
        (RoleAdded("No Role", {"ru": "Нет"}), "role_code"),
        (RoleRemoved("farmer"), "role_in_use"),
    ],
)
def test_what_cannot_be_is_told(database: Database, change: Change, code: str) -> None:
    add_user(database, "alisher", "farmer")
    with pytest.raises(CrmError) as refused:
        save(database, change)
    assert refused.value.code == code
    with database.read() as session:
        assert matrix.matrix(session).version == 1


def test_a_matrix_that_leaves_nobody_to_administer_is_refused(database: Database) -> None:
    with pytest.raises(CrmError) as refused:
        save(database, GrantChange("system_administrator", "users", "administer", None))
    assert refused.value.code == "last_administrator"


def test_a_role_is_added_as_a_copy_renamed_and_removed(database: Database) -> None:
    save(database, RoleAdded("senior_farmer", {"ru": "Старший"}, copy_of="farmer"))
    saved = save(database, RoleRenamed("senior_farmer", {"ru": "Главный"}), base=2)
    assert saved.roles["senior_farmer"].grants == delivered().roles["farmer"].grants
    assert saved.roles["senior_farmer"].name("uz") == "Главный"
    assert "senior_farmer" not in save(database, RoleRemoved("senior_farmer"), base=3).roles


def test_roles_come_in_the_order_of_the_file_and_own_ones_behind(database: Database) -> None:
    saved = save(database, RoleAdded("a_new_one", {"ru": "Новая"}), RoleAdded("another", {"ru": "Ещё"}))
    assert list(saved.roles) == [*delivered().roles, "a_new_one", "another"]


def test_going_back_does_not_take_a_role_from_under_somebody(database: Database) -> None:
    save(database, RoleAdded("senior_farmer", {"ru": "Старший"}, copy_of="farmer"))
    add_user(database, "alisher", "senior_farmer")
    with pytest.raises(CrmError) as refused, database.begin() as session:
        matrix.restore(session, 1, SYSTEM, NOW, "back")
    assert refused.value.code == "role_in_use"


def test_a_release_with_a_new_object_brings_its_rights_and_touches_nothing_else(
    database: Database,
) -> None:
    save(database, GrantChange("farmer", "finance", "view", None), GrantChange("farmer", "tasks", "view", None))
    with database.begin() as session:
        row = session.get_one(MatrixVersion, 2)
        row.content = {**row.content, "objects": [name for name in row.content["objects"] if name != "tasks"]}
    with database.begin() as session:
        assert matrix.install(session, SYSTEM, NOW)
    with database.read() as session:
        farmer = matrix.matrix(session).roles["farmer"]
        assert matrix.matrix(session).version == 3
    assert farmer.grants["tasks", "view"] is Scope.OWN
    assert ("finance", "view") not in farmer.grants


def test_changes_of_rights_are_on_record_with_actor_and_reason(database: Database) -> None:
    with database.begin() as session:
        root = accounts.user_by_login(session, "root")
        change = GrantChange("farmer", "finance", "view", Scope.ALL)
        matrix.save_matrix(session, [change], 1, acting(root), NOW, "audit of debts")
    with database.read() as session:
        entry = search(session, AuditFilter(kind=AuditKind.RIGHTS_CHANGED, actor="root"))[0]
    assert (entry.reason, entry.details["changes"]) == ("audit of debts", ["farmer: finance.view = all"])


def test_the_widest_scope_and_the_least_mask_of_several_roles_count(database: Database) -> None:
    user = add_user(database, "busy", "farmer", "quality_manager")
    with database.read() as session:
        rights = rights_of(session, user.user_id, TODAY)
    assert rights.roles == {"farmer", "quality_manager"}
    assert rights.scope("customers", "view") is Scope.ALL
    assert rights.scope("finance", "view") is Scope.OWN
    assert (rights.mask("name"), rights.mask("contact"), rights.mask("identity")) == (
        Mask.OPEN, Mask.OPEN, Mask.ABSENT
    )  # fmt: skip


def test_a_user_without_roles_or_a_disabled_one_may_nothing(database: Database) -> None:
    bare, gone = add_user(database, "bare"), add_user(database, "gone", "farmer")
    with database.begin() as session:
        accounts.disable_user(session, gone.user_id, SYSTEM, NOW, "left")
    with database.read() as session:
        for user in (bare, gone):
            rights = rights_of(session, user.user_id, TODAY)
            assert dict(rights.grants) == {}
            assert {rights.mask(each) for each in COLUMN_CLASSES - {"open"}} == {Mask.ABSENT}


def test_who_administers_accounts_alone_makes_no_administrators_of_roles(database: Database) -> None:
    save(database, RoleAdded("desk", {"ru": "Поддержка"}), GrantChange("desk", "users", "administer", Scope.ALL))
    desk, other = add_user(database, "desk", "desk"), add_user(database, "other")
    for user in (desk, other):
        wanted = ["desk", "system_administrator"]
        with pytest.raises(CrmError) as refused, database.begin() as session:
            user_roles.set_roles(session, user.user_id, wanted, acting(desk), NOW, "more")
        assert refused.value.code == "role_too_strong"
    with database.read() as session:
        root = accounts.user_by_login(session, "root").user_id
    for act in (accounts.disable_user, accounts.enable_user, partial(accounts.reset_password, options=OPTIONS)):
        with pytest.raises(CrmError) as refused, database.begin() as session:
            act(session, root, acting(desk), NOW, reason="a way in")
        assert refused.value.code == "role_too_strong"
    with database.begin() as session:
        assert user_roles.set_roles(session, other.user_id, ["farmer"], acting(desk), NOW, "new").roles == {"farmer"}


def test_unknown_roles_are_not_given(database: Database) -> None:
    user = add_user(database, "alisher")
    with pytest.raises(CrmError) as refused, database.begin() as session:
        user_roles.set_roles(session, user.user_id, ["king"], SYSTEM, NOW, "why not")
    assert refused.value.code == "role_unknown"
