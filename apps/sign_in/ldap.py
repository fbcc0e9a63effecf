"""Passwords checked by a directory (Active Directory, OpenLDAP), and the groups it puts a person in."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ldap3 import NONE, SIMPLE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from apps.sign_in.errors import DirectoryUnavailable
from crm.services.external import ExternalPerson
from vitrina.sign_in_options import LdapOptions

PROVIDER = "ldap"
_MAX_GROUPS = 1000


class Directory:
    """One directory; every check opens connections of its own, so a directory that restarts is no matter."""

    def __init__(self, options: LdapOptions) -> None:
        self._options = options

    def check(self, login: str, password: str) -> ExternalPerson | None:
        """The person with this login and password, or None when either is wrong.

        Raises `DirectoryUnavailable`.
        """
        # A directory takes a bind without a password for an anonymous one, and says yes.
        if not login or not password or "\x00" in login or "\x00" in password:
            return None
        try:
            with self._bound(self._options.bind_dn, self._options.bind_password.get_secret_value()) as service:
                if service is None:
                    raise LDAPException("the service account was refused")
                entry = self._entry(service, login)
                if entry is None or not self._proves(entry["dn"], password):
                    return None
                return self._person(entry, self._groups(service, entry))
        except LDAPException as error:
            raise DirectoryUnavailable() from error

    def _server(self) -> Server:
        tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=self._options.ca_file)
        return Server(self._options.url, tls=tls, get_info=NONE, connect_timeout=self._options.timeout_seconds)

    def _connection(self, dn: str, password: str) -> Connection:
        proof: dict[str, Any] = {"user": dn, "password": password, "authentication": SIMPLE} if dn else {}
        return Connection(self._server(), read_only=True, receive_timeout=self._options.timeout_seconds, **proof)

    @contextmanager
    def _bound(self, dn: str, password: str) -> Iterator[Connection | None]:
        """A connection that the directory has accepted, or None when it has not."""
        connection = self._connection(dn, password)
        try:
            if self._options.start_tls:
                connection.start_tls()
            yield connection if connection.bind() else None
        finally:
            connection.unbind()

    def _proves(self, dn: str, password: str) -> bool:
        with self._bound(dn, password) as own:
            return own is not None

    def _entry(self, service: Connection, login: str) -> dict[str, Any] | None:
        """The only entry of a login; two entries with one login prove nothing."""
        wanted = self._options
        names = [
            wanted.subject_attribute, wanted.login_attribute, wanted.name_attribute, wanted.email_attribute,
            wanted.groups_attribute,
        ]  # fmt: skip
        service.search(
            wanted.user_base,
            wanted.user_filter.replace("{login}", escape_filter_chars(login)),
            attributes=names,
            size_limit=2,
        )
        found = [entry for entry in service.response or [] if entry["type"] == "searchResEntry"]
        return found[0] if len(found) == 1 else None

    def _groups(self, service: Connection, entry: dict[str, Any]) -> tuple[str, ...]:
        wanted = self._options
        groups = set(_values(entry, wanted.groups_attribute))
        if wanted.group_base:
            service.search(
                wanted.group_base,
                wanted.group_filter.replace("{dn}", escape_filter_chars(entry["dn"])),
                attributes=["cn"],
                size_limit=_MAX_GROUPS,
            )
            groups |= {found["dn"] for found in service.response or [] if found["type"] == "searchResEntry"}
        return tuple(sorted(groups))

    def _person(self, entry: dict[str, Any], groups: tuple[str, ...]) -> ExternalPerson:
        wanted = self._options
        login = _first(entry, wanted.login_attribute) or entry["dn"]
        return ExternalPerson(
            provider=PROVIDER,
            subject=_first(entry, wanted.subject_attribute) or entry["dn"],
            login=login,
            display_name=_first(entry, wanted.name_attribute) or login,
            email=_first(entry, wanted.email_attribute) or "",
            groups=groups,
        )


def _values(entry: dict[str, Any], name: str) -> list[str]:
    """Values of an attribute as text; Active Directory's objectGUID comes as bytes."""
    raw: list[bytes] = next((v for key, v in entry["raw_attributes"].items() if key.lower() == name.lower()), [])
    return [_text(value) for value in raw]


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()


def _first(entry: dict[str, Any], name: str) -> str | None:
    return next(iter(_values(entry, name)), None)
