"""How people reach the workspaces: the address they type, the proxy in front, the directories that know them.

Plain values; `vitrina.settings` reads them from the environment (``VITRINA_LDAP__URL``, ``VITRINA_OPENID__ISSUER`` …).
"""

from pydantic import BaseModel, ConfigDict, SecretStr


class LdapOptions(BaseModel):
    """A directory (Active Directory, OpenLDAP) that checks passwords and names groups.

    `user_filter` and `group_filter` hold ``{login}`` and ``{dn}``, which are escaped before they are put in. Groups
    come from `groups_attribute` of the person's entry and, where `group_base` is set, from a search for his groups.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    bind_dn: str = ""
    bind_password: SecretStr = SecretStr("")
    user_base: str
    user_filter: str = "(&(objectClass=person)(|(sAMAccountName={login})(uid={login})))"
    subject_attribute: str = "entryUUID"
    login_attribute: str = "uid"
    name_attribute: str = "cn"
    email_attribute: str = "mail"
    groups_attribute: str = "memberOf"
    group_base: str = ""
    group_filter: str = "(&(objectClass=groupOfNames)(member={dn}))"
    start_tls: bool = False
    ca_file: str | None = None
    timeout_seconds: int = 5


class OpenIdOptions(BaseModel):
    """An OpenID provider: the issuer's address, who we are to it, and the claims that we take."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    client_id: str
    client_secret: SecretStr
    title: str = "OpenID"
    scopes: str = "openid profile email groups"
    login_claim: str = "preferred_username"
    groups_claim: str = "groups"


class WebOptions(BaseModel):
    """The address that people type, when it is not the server's own, and the proxies whose headers are believed."""

    model_config = ConfigDict(frozen=True)

    public_url: str = ""
    trusted_proxies: str = ""

    @property
    def is_https(self) -> bool:
        """Whether people come over TLS, so that cookies must never travel without it."""
        return self.public_url.lower().startswith("https://")
