"""One account: roles, employee, state, password, effective rights, and the look through his eyes."""

import streamlit as st

from apps import identity
from apps.account.rights import show_rights
from apps.actions import attempt, changing_user, reason_field, require_employees_in_reach
from apps.administration.role_choice import role_choice
from apps.identity import Person
from apps.language import speaker, t
from apps.services import services
from apps.ui.layout import card, escape, facts
from crm.services import accounts, organisation, sessions, user_roles, view_as
from crm.services.accounts import LOCAL, UserInfo


def one_user(me: Person, user: UserInfo) -> None:
    """What can be known of the account, and changed by those who administer users."""
    if me.may("users", "administer"):
        left, middle, right = st.columns([4, 4, 3], gap="small")
        with left:
            _roles(user)
        with middle:
            _employees(user)
        with right:
            _state(user)
        _looks(me, user)
    rights, _ = identity.rights_of(services(), user.user_id)
    st.subheader(t("Effective rights of {name}", name=escape(user.display_name)), anchor=False)
    show_rights(rights, f"user_{user.user_id}")


def _roles(user: UserInfo) -> None:
    with card(t("Roles")), st.form(f"roles_{user.user_id}", border=False):
        codes = role_choice(t("Roles"), f"roles_of_{user.user_id}", user.roles)
        reason = reason_field(f"roles_reason_{user.user_id}")
        if st.form_submit_button(t("Save the roles"), type="primary"):
            attempt(lambda: _set_roles(user, codes, reason))


def _set_roles(user: UserInfo, codes: list[str], reason: str) -> str:
    with changing_user(user.user_id) as (session, actor, now):
        user_roles.set_roles(session, user.user_id, codes, actor, now, reason)
    return t("The roles are saved and count at once.")


def _employees(user: UserInfo) -> None:
    with services().database.read() as session:
        staff = {each.employee_id: each for each in organisation.employees(session)}
        linked = organisation.linked_employees(session, user.user_id)
    with card(t("Employee")), st.form(f"employees_{user.user_id}", border=False):
        chosen = st.multiselect(
            t("Which employee this is"),
            list(staff),
            default=sorted(linked),
            format_func=lambda code: f"{staff[code].full_name} ({code})",
            help=t("Decides whose customers are his own, and what his group and unit are."),
        )
        reason = reason_field(f"employee_reason_{user.user_id}")
        if st.form_submit_button(t("Save the link"), type="primary"):
            attempt(lambda: _link(user, set(chosen), reason))


def _link(user: UserInfo, chosen: set[str], reason: str) -> str:
    with changing_user(user.user_id) as (session, actor, now):
        require_employees_in_reach(identity.person().own_rights, chosen)
        organisation.link_employees(session, user.user_id, chosen, actor, now, reason)
    return t("The link is saved and counts at once.")


def _state(user: UserInfo) -> None:
    say = speaker()
    with card(t("Account")):
        facts({t("E-mail"): user.email, t("Made on"): say.date(user.created_at)})
        if not user.is_active:
            st.caption(t("Switched off: {reason}", reason=escape(user.disabled_reason)))
        reason = reason_field(f"state_reason_{user.user_id}")
        with st.container(horizontal=True, gap="small"):
            if user.is_active and st.button(t("Switch off"), key="user_disable"):
                attempt(lambda: _switch(user, False, reason))
            if not user.is_active and st.button(t("Switch on"), key="user_enable"):
                attempt(lambda: _switch(user, True, reason))
            if st.button(t("End the sessions"), key="user_sessions"):
                attempt(lambda: _end_sessions(user, reason))
        if user.provider == LOCAL and st.button(t("Give a new password"), key="user_password"):
            attempt(lambda: _reset(user, reason), rerun=False)


def _switch(user: UserInfo, on: bool, reason: str) -> str:
    with changing_user(user.user_id) as (session, actor, now):
        change = accounts.enable_user if on else accounts.disable_user
        change(session, user.user_id, actor, now, reason)
    return t("The account is switched on.") if on else t("The account is switched off and its sessions have ended.")


def _end_sessions(user: UserInfo, reason: str) -> str:
    with changing_user(user.user_id, "sessions") as (session, actor, now):
        sessions.revoke_user(session, user.user_id, actor, now, accounts.required(reason))
    return t("The sessions have ended.")


def _reset(user: UserInfo, reason: str) -> None:
    with changing_user(user.user_id) as (session, actor, now):
        password = accounts.reset_password(session, user.user_id, actor, now, reason, services().settings.accounts)
    st.success(t("Tell the password once; it is not shown again."))
    st.code(password, language=None)


def _looks(me: Person, user: UserInfo) -> None:
    if user.user_id == me.user_id:
        return
    with (
        card(t("View as this user"), t("Read-only; the beginning and every look are recorded."), stretch=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        reason = reason_field(f"look_reason_{user.user_id}")
        if st.button(t("View as"), icon=":material/visibility:", key="user_view_as"):
            attempt(lambda: _view_as(me, user, reason))


def _view_as(me: Person, user: UserInfo, reason: str) -> str:
    with changing_user(user.user_id) as (session, actor, now):
        view_as.start_view_as(session, me.session_id, user.user_id, actor, now, reason)
    return t("You now see what {name} sees.", name=user.display_name)
